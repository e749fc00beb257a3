import { afterAll } from "vitest";
import { AsyncQueue } from "../../client/src/index.ts";
import type { Fetch } from "../../client/src/transport.ts";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import { startLocalServer } from "../../local/local-server.ts";

type ClientOptions = Partial<ConstructorParameters<typeof AsyncQueue>[0]>;

/** An AsyncQueue in this process with empty memory, closed after the last test of the file, and clients of it. */
export const openLocalQueue = async () => {
	const server = await startLocalServer({
		port: 0,
		host: "127.0.0.1",
		data: ":memory:",
		apiKey: undefined,
		addressPolicy: addressPolicy({ allowPrivate: true }),
		metrics: false,
		dev: false,
		logLevel: "error",
	});
	afterAll(server.stop);
	const { url, apiKey } = server;
	const clientWith = (options: ClientOptions = {}): AsyncQueue => new AsyncQueue({ url, apiKey, ...options });
	return { url, apiKey, clientWith, aq: clientWith() };
};

/** A client of nothing: every request is answered by `fetch`. */
export const clientOn = (fetch: Fetch, options: ClientOptions = {}): AsyncQueue =>
	new AsyncQueue({ url: "https://queue.example", apiKey: "aq_test_key", fetch, ...options });

/** Nobody is called at this address: for tasks that only have to exist. */
export const NOWHERE = "http://127.0.0.1:2/";
