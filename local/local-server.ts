import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type EmbeddedConfig, isLoopback } from "../lambda/adapters/embedded/config.ts";
import { type EmbeddedWorld, openEmbeddedWorld } from "../lambda/adapters/embedded/embedded-world.ts";
import { MemoryRequestBudget } from "../lambda/adapters/embedded/memory-request-budget.ts";
import { UndiciWebhookClient } from "../lambda/adapters/http/undici-webhook-client.ts";
import { meteredLog } from "../lambda/adapters/metered-log.ts";
import { pinoLog } from "../lambda/adapters/pino-log.ts";
import { steadyClock, systemClock, systemRandom, systemTimer } from "../lambda/adapters/system.ts";
import { apiHandler } from "../lambda/handlers/api.ts";
import type { Log, Ports, Timer, WebhookClient } from "../lambda/ports.ts";
import {
	type RetirementReport,
	type RotationPorts,
	retireDataKeys,
	rotateDataKey,
} from "../lambda/usecases/rotate-data-key.ts";
import { AdvanceableClock } from "./advanceable-clock.ts";
import { ensureApiKey } from "./api-key.ts";
import { closeServer } from "./close-server.ts";
import { DevTools } from "./dev-tools.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createHttpServer } from "./http-server.ts";
import { withMetrics } from "./metrics-route.ts";
import { underOwnNames } from "./own-names.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";
import { createRunners, EMBEDDED_FLOW_LIMITS } from "./runners.ts";

export type LocalServer = Readonly<{
	url: string;
	apiKey: string;
	/** Refuses new requests, lets calls in flight finish, closes the database. */
	stop: () => Promise<void>;
	/** Encrypts all secrets anew, under a new data key, while everything goes on. */
	rotateDataKey: () => Promise<RetirementReport>;
	/** What `/dev/` answers with, where the configuration wants it. */
	dev: DevTools | undefined;
}>;

const listen = async (server: Server, { port, host }: EmbeddedConfig): Promise<string> => {
	server.listen(port, host);
	await once(server, "listening");
	const bound = server.address() as AddressInfo;
	return `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
};

/** What tells this server the time and wakes it: nobody moves it unless there are development tools. */
type LocalTime = Pick<Ports, "clock" | "receiverClock" | "timer">;

const timeOf = (movable: AdvanceableClock | undefined): LocalTime =>
	movable
		? { clock: movable, receiverClock: systemClock, timer: movable }
		: { clock: systemClock, timer: systemTimer };

const portsOf = (
	world: EmbeddedWorld,
	time: LocalTime,
	webhooks: WebhookClient,
	config: EmbeddedConfig,
	log: Log,
): Ports => ({
	...world.stores,
	...time,
	webhooks,
	random: systemRandom,
	log,
	addressPolicy: config.addressPolicy,
	flowLimits: EMBEDDED_FLOW_LIMITS,
	requestBudget: config.apiRateLimit && new MemoryRequestBudget(config.apiRateLimit, time.clock),
});

/** The same timer for those who answer requests: nobody is kept waiting by a server that stops. */
const timerUntil = (stopped: AbortSignal, timer: Timer): Timer => ({
	sleep: (milliseconds, signal) =>
		timer.sleep(milliseconds, signal ? AbortSignal.any([signal, stopped]) : stopped),
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
	const movable = config.dev ? new AdvanceableClock() : undefined;
	const time = timeOf(movable);
	const world = openEmbeddedWorld({ folder: config.data, clock: time.clock, steadyClock });
	const metrics = config.metrics ? new PrometheusMetrics() : undefined;
	const plainLog = pinoLog(config.logLevel);
	const log = metrics ? meteredLog(plainLog, metrics) : plainLog;
	const webhooks = new UndiciWebhookClient({ addressPolicy: config.addressPolicy });
	const ports = portsOf(world, time, webhooks, config, log);
	const runners = createRunners(world, ports);
	const beginWrites = () => {
		const { rollbacks } = world.database;
		return () => world.database.committed(rollbacks);
	};
	const end = new AbortController();
	const apiPorts = { ...ports, timer: timerUntil(end.signal, ports.timer) };
	// A slow inbox is slow in real time, as the timeouts of calls are.
	const devPorts = { ...ports, timer: timerUntil(end.signal, systemTimer) };
	const dev = movable && new DevTools(devPorts, movable, runners.wake);
	const answers = withMetrics(apiHandler(apiPorts), metrics, log);
	const all = dev?.before(answers) ?? answers;
	const api = isLoopback(config.host) ? underOwnNames(all, log) : all;
	const server = createHttpServer({ api, beginWrites, log });
	try {
		const apiKey = await ensureApiKey(ports, config.apiKey);
		const rotation = { ...ports, dataKeys: world.dataKeys };
		await finishRotation(rotation, log);
		const url = await listen(server, config);
		runners.start();
		const stopHousekeeping = startHousekeeping(world, ports);
		const stop = async (): Promise<void> => {
			end.abort();
			await Promise.all([closeServer(server), stopHousekeeping(), runners.stop()]);
			await webhooks.close();
			world.close();
		};
		const rotate = async (): Promise<RetirementReport> => {
			await rotateDataKey(rotation);
			return retireDataKeys(rotation);
		};
		return { url, apiKey, stop, rotateDataKey: rotate, dev };
	} catch (error) {
		world.close();
		throw error;
	}
};
