import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect } from "vitest";
import type { RouteHandler } from "../../lambda/middleware/json-route.ts";
import { json } from "../../lambda/middleware/reply.ts";
import { closeServer } from "../../local/close-server.ts";
import { HTTP_LIMITS, type HttpLimits } from "../../local/http-limits.ts";
import { createHttpServer } from "../../local/http-server.ts";

const logged: string[] = [];
const log = {
	debug: () => {},
	info: () => {},
	warn: () => {},
	error: (event: string) => void logged.push(event),
};

const servers: Server[] = [];

/** Closes what `listen` has opened, after each test, and sees to it that nothing was logged as our own fault. */
export const closeAfterEach = (): void => {
	afterEach(async () => {
		await Promise.all(servers.splice(0).map((server) => closeServer(server, 0)));
		expect(logged.splice(0)).toEqual([]);
	});
};

/** A server whose API shows what it was asked. */
export const listen = async (
	limits: Partial<HttpLimits> = {},
	api: RouteHandler = async (event) => json(200, event),
) => {
	const server = createHttpServer({
		api,
		beginWrites: () => async () => {},
		log,
		limits: { ...HTTP_LIMITS, ...limits },
	});
	servers.push(server);
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return { server, port: (server.address() as AddressInfo).port };
};

/** The bytes of a request without a body. */
export const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
/** The head of a request with these headers. */
export const post = (...lines: string[]): string =>
	`POST / HTTP/1.1\r\nHost: a\r\n${lines.join("\r\n")}\r\n\r\n`;
