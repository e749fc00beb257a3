import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import middy from "@middy/core";
import type { EmbeddedConfig } from "../lambda/adapters/embedded/config.ts";
import { type EmbeddedWorld, openEmbeddedWorld } from "../lambda/adapters/embedded/embedded-world.ts";
import { MemoryRequestBudget } from "../lambda/adapters/embedded/memory-request-budget.ts";
import { UndiciWebhookClient } from "../lambda/adapters/http/undici-webhook-client.ts";
import { pinoLog } from "../lambda/adapters/pino-log.ts";
import { steadyClock, systemClock, systemRandom, systemTimer } from "../lambda/adapters/system.ts";
import { apiHandler } from "../lambda/handlers/api.ts";
import type { ApiEvent, ApiResult } from "../lambda/middleware/api-event.ts";
import type { RouteHandler } from "../lambda/middleware/json-route.ts";
import { problemDetails } from "../lambda/middleware/problem-details.ts";
import { requestLog } from "../lambda/middleware/request-log.ts";
import type { Log, Ports } from "../lambda/ports.ts";
import {
	type RetirementReport,
	type RotationPorts,
	retireDataKeys,
	rotateDataKey,
} from "../lambda/usecases/rotate-data-key.ts";
import { ensureApiKey } from "./api-key.ts";
import { closeServer } from "./close-server.ts";
import { DevInbox } from "./dev-inbox.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createHttpServer } from "./http-server.ts";
import { createRunners, EMBEDDED_FLOW_LIMITS } from "./runners.ts";

export type LocalServer = Readonly<{
	url: string;
	apiKey: string;
	/** Refuses new requests, lets calls in flight finish, closes the database. */
	stop: () => Promise<void>;
	/** Encrypts all secrets anew, under a new data key, while everything goes on. */
	rotateDataKey: () => Promise<RetirementReport>;
}>;

const listen = async (server: Server, { port, host }: EmbeddedConfig): Promise<string> => {
	server.listen(port, host);
	await once(server, "listening");
	const bound = server.address() as AddressInfo;
	return `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
};

/** `/dev/…` is answered by the inbox, everything else by the API. */
const withDevInbox = (ports: Ports, api: RouteHandler): RouteHandler => {
	const inbox = new DevInbox(ports);
	const dev = middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(requestLog(ports.log))
		.use(problemDetails(ports.log))
		.handler((event: ApiEvent) => inbox.handle(event)) as RouteHandler;
	return (event, context) => (event.rawPath.startsWith("/dev/") ? dev : api)(event, context);
};

const portsOf = (world: EmbeddedWorld, config: EmbeddedConfig): Ports => ({
	...world.stores,
	webhooks: new UndiciWebhookClient({ addressPolicy: config.addressPolicy }),
	clock: systemClock,
	timer: systemTimer,
	random: systemRandom,
	log: pinoLog(config.logLevel),
	addressPolicy: config.addressPolicy,
	flowLimits: EMBEDDED_FLOW_LIMITS,
	requestBudget: config.apiRateLimit && new MemoryRequestBudget(config.apiRateLimit, systemClock),
});

/** A rotation of the data key that an earlier process could not finish. */
const finishRotation = async (ports: RotationPorts, log: Log): Promise<void> => {
	try {
		await retireDataKeys(ports);
	} catch (error) {
		log.error("data_key.not_retired", { error });
	}
};

/** The whole product in this process: the deployed handlers on embedded storage, behind a plain HTTP server. */
export const startLocalServer = async (config: EmbeddedConfig): Promise<LocalServer> => {
	const world = openEmbeddedWorld({ folder: config.data, clock: systemClock, steadyClock });
	const ports = portsOf(world, config);
	const { log } = ports;
	const runners = createRunners(world, ports);
	const beginWrites = () => {
		const { rollbacks } = world.database;
		return () => world.database.committed(rollbacks);
	};
	const server = createHttpServer({ api: withDevInbox(ports, apiHandler(ports)), beginWrites, log });
	try {
		const apiKey = await ensureApiKey(ports, config.apiKey);
		const rotation = { ...ports, dataKeys: world.dataKeys };
		await finishRotation(rotation, log);
		const url = await listen(server, config);
		runners.start();
		const stopHousekeeping = startHousekeeping(world, ports);
		const stop = async (): Promise<void> => {
			await Promise.all([closeServer(server), stopHousekeeping(), runners.stop()]);
			world.close();
		};
		return {
			url,
			apiKey,
			stop,
			rotateDataKey: async () => {
				await rotateDataKey(rotation);
				return retireDataKeys(rotation);
			},
		};
	} catch (error) {
		world.close();
		throw error;
	}
};
