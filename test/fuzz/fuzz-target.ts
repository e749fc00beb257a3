import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiClient } from "../support/api-client.ts";
import type { ListeningProgram, ProgramExit } from "../support/listening-program.ts";
import { newApiKey, startServer } from "../support/server-process.ts";
import type { ApiKeyView } from "../support/wire-format.ts";
import type { Keys } from "./api-requests.ts";

/** A server to be fuzzed, in a process of its own, and webhooks for the tasks that it accepts. */
export type FuzzTarget = Readonly<{
	server: ListeningProgram;
	port: number;
	keys: Keys;
	webhookUrl: string;
	/** Whether the server still answers: throws if not. */
	assertHealthy: () => Promise<void>;
	/** Stops everything; says how the server ended. */
	close: () => Promise<ProgramExit>;
}>;

/** Every so many-th webhook call fails. */
const FAILS_EVERY = 8;

/** Answers webhooks, and keeps nothing. */
const openSink = async () => {
	let calls = 0;
	const sink = createServer((request, response) => {
		calls += 1;
		request.resume();
		response.writeHead(calls % FAILS_EVERY === 0 ? 500 : 200).end();
	});
	await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
	const close = (): void => {
		sink.closeAllConnections();
		sink.close();
	};
	return { url: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`, close };
};

/** Starts a server that keeps its data in `dataDir`, or in memory. */
export const openFuzzTarget = async (dataDir = ":memory:"): Promise<FuzzTarget> => {
	const live = newApiKey();
	const [sink, server] = await Promise.all([openSink(), startServer({ dataDir, apiKey: live })]);
	const api = new ApiClient(server.url, live);
	const mode = { name: "fuzz", mode: "test" };
	const { key: test } = await api.expectCall<ApiKeyView>(201, "POST", "/v1/apikeys", { json: mode });
	return {
		server,
		port: Number(new URL(server.url).port),
		keys: { live, test },
		webhookUrl: sink.url,
		assertHealthy: () => api.expectCall<void>(200, "GET", "/health"),
		close: async () => {
			await api.close();
			const exit = await server.stop();
			sink.close();
			return exit;
		},
	};
};
