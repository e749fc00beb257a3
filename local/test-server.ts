import { readEmbeddedConfig } from "../lambda/adapters/embedded/config.ts";
import type { InboxCall } from "./dev-inbox.ts";
import { startLocalServer } from "./local-server.ts";

/** What goes wrong with attempts at the inbox; see `POST /dev/inbox/fail` in docs/testing.md. */
type Failure = Readonly<{
	/** 500 if not given. */
	status?: number;
	/** Seconds before the answer, in real time. */
	delay?: number;
	/** Closes the connection without an answer. */
	drop?: boolean;
}>;

/** A whole AsyncQueue in this process, with empty memory. */
export type TestServer = Readonly<{
	/** Such as `http://127.0.0.1:40123`. Its `/dev/inbox` is a webhook. */
	url: string;
	/** A live key: creates tasks, and verifies the signatures of webhooks. */
	apiKey: string;
	/** Moves the server's clock ahead by whole seconds: what is due by then is called now. */
	advance(seconds: number): void;
	/** What arrived at `/dev/inbox`, newest first. */
	inbox(): readonly InboxCall[];
	/** Lets the next `count` attempts at `/dev/inbox` fail. */
	failNext(count: number, failure?: Failure): void;
	/** Waits for calls under way and forgets everything. */
	stop(): Promise<void>;
}>;

/**
 * Starts a server on a free port of this machine, for tests of applications: on Node 24, or whatever runs TypeScript, as
 * Vitest does. Its log is silent. Nothing is written to the disk, and no environment variable is read.
 */
export const startTestServer = async (): Promise<TestServer> => {
	const config = readEmbeddedConfig({
		PORT: "0",
		ASYNCQUEUE_DATA: ":memory:",
		ASYNCQUEUE_DEV: "true",
		ASYNCQUEUE_LOG_LEVEL: "silent",
	});
	const { url, apiKey, dev, stop } = await startLocalServer(config);
	if (!dev) throw new Error("a test server has development tools");
	return {
		url,
		apiKey,
		advance: (seconds) => dev.clock.advance({ advance: seconds }),
		inbox: () => dev.inbox.view.calls,
		failNext: (count, failure = {}) => dev.inbox.fail({ next: count, ...failure }),
		stop,
	};
};
