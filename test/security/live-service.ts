import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { pinoLog } from "../../lambda/adapters/pino-log.ts";
import { systemClock, systemRandom, systemTimer } from "../../lambda/adapters/system.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { createRunners, EMBEDDED_FLOW_LIMITS } from "../../local/runners.ts";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";

/** The whole service in this process: API, queue and deliveries, but no server, whose connections would be counted. */
export type LiveService = Readonly<{ request: ApiRequest; close: () => Promise<void> }>;

export const openLiveService = async (
	choices: Pick<Ports, "webhooks" | "addressPolicy">,
): Promise<LiveService> => {
	const world = openEmbeddedWorld({ folder: ":memory:", clock: systemClock });
	const ports: Ports = {
		...world.stores,
		...choices,
		clock: systemClock,
		timer: systemTimer,
		random: systemRandom,
		log: pinoLog("silent"),
		flowLimits: EMBEDDED_FLOW_LIMITS,
	};
	const { secret } = await createApiKey(ports, "team-a", { name: "test", mode: "live" });
	const runners = createRunners(world, ports);
	runners.start();
	return {
		request: apiRequestOf({ ports, secret }),
		close: async () => {
			await runners.stop();
			world.close();
		},
	};
};
