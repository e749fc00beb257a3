import { apiHandler } from "../../lambda/handlers/api.ts";
import type { Ports } from "../../lambda/ports.ts";
import { assertAsDescribed } from "./api-description.ts";
import { apiEvent } from "./api-events.ts";
import type { TestWorld } from "./test-world.ts";

type Options = NonNullable<Parameters<typeof apiEvent>[2]>;

const jsonOf = (body: unknown): unknown => (typeof body === "string" ? undefined : body);

/**
 * Sends requests through the whole handler chain, as the world's team unless `headers` say otherwise. What is not as
 * `/openapi.json` says is an error.
 */
export const apiRequestOf =
	(world: Pick<TestWorld, "ports" | "secret">) =>
	async (method: string, url: string, options: Options = {}, ports: Ports = world.ports) => {
		const headers = { authorization: `Bearer ${world.secret}`, ...options.headers };
		const result = await apiHandler(ports)(apiEvent(method, url, { ...options, headers }), {});
		const answer = {
			status: result.statusCode,
			headers: result.headers ?? {},
			body: result.body ? JSON.parse(result.body) : undefined,
		};
		assertAsDescribed({
			method,
			path: url,
			requestBody: jsonOf(options.body),
			status: answer.status ?? 0,
			headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, `${value}`])),
			body: answer.body ?? "",
		});
		return answer;
	};

export type ApiRequest = ReturnType<typeof apiRequestOf>;
