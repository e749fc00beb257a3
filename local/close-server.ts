import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";

/** Far longer than requests take. Whoever has not sent all of one by then has not been promised anything. */
const GRACE_MS = 10_000;

/**
 * Refuses new connections and waits until the requests in hand are answered, `graceMs` at most. Clients that keep
 * sending over kept-alive connections, or say nothing, would hold a closing server open: those are ended too.
 */
export const closeServer = async (server: Server, graceMs = GRACE_MS): Promise<void> => {
	const closed = once(server, "close");
	server.prependListener("request", (_, response: ServerResponse) => {
		response.shouldKeepAlive = false;
	});
	server.keepAliveTimeout = 1;
	server.close();
	server.closeIdleConnections();
	// Node looks after slow requests no more once the server closes.
	const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
	await closed;
	clearTimeout(giveUp);
};
