import { apiHandler } from "../../lambda/handlers/api.ts";
import type { Ports } from "../../lambda/ports.ts";
import { apiEvent } from "./api-events.ts";
import type { TestWorld } from "./test-world.ts";

type Options = Parameters<typeof apiEvent>[2];

/** Sends requests through the whole handler chain, as the world's team unless `headers` say otherwise. */
export const apiRequestOf =
	(world: Pick<TestWorld, "ports" | "secret">) =>
	async (method: string, url: string, options: Options = {}, ports: Ports = world.ports) => {
		const headers = { authorization: `Bearer ${world.secret}`, ...options.headers };
		const result = await apiHandler(ports)(apiEvent(method, url, { ...options, headers }), {});
		return {
			status: result.statusCode,
			headers: result.headers ?? {},
			body: result.body ? JSON.parse(result.body) : undefined,
		};
	};

export type ApiRequest = ReturnType<typeof apiRequestOf>;
