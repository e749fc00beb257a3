import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import middy from "@middy/core";
import type { EmbeddedConfig } from "../lambda/adapters/embedded/config.ts";
import { type EmbeddedWorld, openEmbeddedWorld } from "../lambda/adapters/embedded/embedded-world.ts";
import { UndiciWebhookClient } from "../lambda/adapters/http/undici-webhook-client.ts";
import { pinoLog } from "../lambda/adapters/pino-log.ts";
import { systemClock, systemRandom } from "../lambda/adapters/system.ts";
import { apiHandler } from "../lambda/handlers/api.ts";
import { deliverHandler } from "../lambda/handlers/deliver.ts";
import type { ApiEvent, ApiResult } from "../lambda/middleware/api-event.ts";
import type { RouteHandler } from "../lambda/middleware/json-route.ts";
import { problemDetails } from "../lambda/middleware/problem-details.ts";
import type { Ports } from "../lambda/ports.ts";
import { reconcileTasks } from "../lambda/usecases/reconcile-tasks.ts";
import { ensureApiKey } from "./api-key.ts";
import { DevInbox } from "./dev-inbox.ts";
import { createHttpServer } from "./http-server.ts";
import { Runner } from "./runner.ts";

const RECONCILE_INTERVAL_MS = 86_400_000;

export type LocalServer = Readonly<{
	url: string;
	apiKey: string;
	/** Refuses new requests, lets calls in flight finish, closes the database. */
	stop: () => Promise<void>;
}>;

const listen = async (server: Server, { port, host }: EmbeddedConfig): Promise<string> => {
	server.listen(port, host);
	await once(server, "listening");
	const bound = server.address() as AddressInfo;
	return `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
};

/** Clients that keep sending over kept-alive connections would hold a closing server open: those are ended too. */
const close = async (server: Server): Promise<void> => {
	const closed = once(server, "close");
	server.prependListener("request", (_, response: ServerResponse) => {
		response.shouldKeepAlive = false;
	});
	server.keepAliveTimeout = 1;
	server.close();
	server.closeIdleConnections();
	await closed;
};

/** `/dev/…` is answered by the inbox, everything else by the API. */
const withDevInbox = (ports: Ports, api: RouteHandler): RouteHandler => {
	const inbox = new DevInbox(ports);
	const dev = middy<ApiEvent, ApiResult>({ timeoutEarlyInMillis: 0 })
		.use(problemDetails(ports.log))
		.handler((event: ApiEvent) => inbox.handle(event)) as RouteHandler;
	return (event, context) => (event.rawPath.startsWith("/dev/") ? dev : api)(event, context);
};

const portsOf = (world: EmbeddedWorld, config: EmbeddedConfig): Ports => ({
	...world.stores,
	webhooks: new UndiciWebhookClient({ allowPrivate: config.allowPrivateWebhooks }),
	clock: systemClock,
	random: systemRandom,
	log: pinoLog(config.logLevel),
	allowPrivateWebhooks: config.allowPrivateWebhooks,
});

/** As the deployed stack does once a day: gives tasks whose message was put aside as undeliverable another one. */
const reconcile = async (ports: Ports): Promise<void> => {
	try {
		ports.log.info("reconcile.finished", await reconcileTasks(ports));
	} catch (error) {
		ports.log.error("reconcile.failed", { error });
	}
};

/** The whole product in this process: the deployed handlers on embedded storage, behind a plain HTTP server. */
export const startLocalServer = async (config: EmbeddedConfig): Promise<LocalServer> => {
	const world = openEmbeddedWorld({ folder: config.data, clock: systemClock });
	const ports = portsOf(world, config);
	const { log } = ports;
	const runner = new Runner({
		source: world.messages,
		handler: deliverHandler(ports),
		clock: systemClock,
		log,
	});
	const beginWrites = () => {
		const { rollbacks } = world.database;
		return () => world.database.committed(rollbacks);
	};
	const server = createHttpServer({ api: withDevInbox(ports, apiHandler(ports)), beginWrites, log });
	try {
		const apiKey = await ensureApiKey(ports, config.apiKey);
		const url = await listen(server, config);
		runner.start();
		const reconciling = setInterval(() => reconcile(ports), RECONCILE_INTERVAL_MS).unref();
		const stop = async (): Promise<void> => {
			clearInterval(reconciling);
			await Promise.all([close(server), runner.stop()]);
			world.close();
		};
		return { url, apiKey, stop };
	} catch (error) {
		world.close();
		throw error;
	}
};
