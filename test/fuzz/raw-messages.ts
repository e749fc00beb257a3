import type { Step } from "./connection.ts";
import type { RawCase, RawTarget } from "./raw-case.ts";

export const OK = [200];
export const BAD = [400];

/** A request whose head is exactly these lines. */
export const head = (...lines: string[]): string => `${lines.join("\r\n")}\r\n\r\n`;

/** The smallest request that is answered with 200. */
export const HEALTH = head("GET /health HTTP/1.1", "Host: a");

type Bytes = string | Uint8Array | ((target: RawTarget) => string | Uint8Array);

/** Sends one after the other. */
export const stepsOf =
	(...sent: Bytes[]) =>
	(target: RawTarget): Step[] =>
		sent.map((bytes) => ({ send: typeof bytes === "function" ? bytes(target) : bytes }));

/** One answer, and the connection stays open. */
export const answered = (name: string, statuses: readonly number[], ...sent: Bytes[]): RawCase => ({
	name,
	steps: stepsOf(...sent),
	answers: [statuses],
	closes: false,
});

/** One answer, and the connection is closed: nobody knows where the next request begins. */
export const refused = (name: string, statuses: readonly number[], ...sent: Bytes[]): RawCase => ({
	...answered(name, statuses, ...sent),
	closes: true,
});

/** The head of a request to create a task. */
export const post =
	(...headers: string[]) =>
	({ key }: RawTarget): string =>
		head(
			"POST /v1/tasks HTTP/1.1",
			"Host: a",
			`Authorization: Bearer ${key}`,
			"Content-Type: application/json",
			...headers,
		);

/** The same and a body. */
export const withBody =
	(body: string, ...headers: string[]) =>
	(target: RawTarget): string =>
		post(...headers)(target) + body;

/** The body of a task. */
export const task = (target: RawTarget): string =>
	JSON.stringify({ queue: "raw", webhook_url: target.webhookUrl });

/** A task that is accepted. */
export const goodPost = (target: RawTarget): string => {
	const body = task(target);
	return withBody(body, `Content-Length: ${body.length}`)(target);
};

/** Text in chunks of one byte. */
export const byteWise = (text: string): string =>
	`${[...text].map((character) => `1\r\n${character}\r\n`).join("")}0\r\n\r\n`;
