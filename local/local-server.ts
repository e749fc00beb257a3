import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import middy from "@middy/core";
import type { EmbeddedConfig } from "../lambda/adapters/embedded/config.ts";
import { type EmbeddedWorld, openEmbeddedWorld } from "../lambda/adapters/embedded/embedded-world.ts";
import { MemoryRequestBudget } from "../lambda/adapters/embedded/memory-request-budget.ts";
import { UndiciWebhookClient } from "../lambda/adapters/http/undici-webhook-client.ts";
import { meteredLog } from "../lambda/adapters/metered-log.ts";
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
import { METRICS_PATH, PrometheusMetrics } from "./prometheus-metrics.ts";
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

/** What only this server answers, with a log and problems like the API's. */
const localRoute = (
	{ log }: Ports,
	answer: (event: ApiEvent) => ApiResult | Promise<ApiResult>,
): RouteHandler =>
	middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(requestLog(log))
		.use(problemDetails(log))
		.handler(async (event: ApiEvent) => answer(event)) as RouteHandler;

/** `/dev/…` is answered by the inbox, `/metrics` where there are any, everything else by the API. */
const allRoutes = (ports: Ports, metrics: PrometheusMetrics | undefined): RouteHandler => {
	const inbox = new DevInbox(ports);
	const api = apiHandler(ports);
	const dev = localRoute(ports, (event) => inbox.handle(event));
	const scrape = metrics && localRoute(ports, (event) => metrics.handle(event));
	return (event, context) => {
		if (scrape && event.rawPath === METRICS_PATH) return scrape(event, context);
		return (event.rawPath.startsWith("/dev/") ? dev : api)(event, context);
	};
};

const portsOf = (world: EmbeddedWorld, config: EmbeddedConfig, log: Log): Ports => ({
	...world.stores,
	webhooks: new UndiciWebhookClient({ addressPolicy: config.addressPolicy }),
	clock: systemClock,
	timer: systemTimer,
	random: systemRandom,
	log,
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
	const metrics = config.metrics ? new PrometheusMetrics() : undefined;
	const plainLog = pinoLog(config.logLevel);
	const log = metrics ? meteredLog(plainLog, metrics) : plainLog;
	const ports = portsOf(world, config, log);
	const runners = createRunners(world, ports);
	const beginWrites = () => {
		const { rollbacks } = world.database;
		return () => world.database.committed(rollbacks);
	};
	const server = createHttpServer({ api: allRoutes(ports, metrics), beginWrites, log });
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
