import express from "express";
import { fastify } from "fastify";
import { afterAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { NoRetryError, RetryLaterError, type WebhookOptions, webhookHandler } from "../../client/src/edge.ts";
import { expressWebhook, fastifyWebhook, lambdaWebhook } from "../../client/src/receiver.ts";
import { eventually } from "../support/eventually.ts";
import { fetchListener, functionUrlListener, listening } from "./listening.ts";
import { openLocalQueue } from "./local-queue.ts";

const { aq, apiKey: key } = await openLocalQueue();

const Payload = z.object({
	order: z.int(),
	act: z.enum(["return", "respond", "throw", "refuse", "postpone"]),
});
type Payload = z.infer<typeof Payload>;

const seen: Payload[] = [];
const errors: unknown[] = [];
const options: WebhookOptions<Payload> = { key, schema: Payload, onError: (error) => errors.push(error) };

/** Does what the payload says. */
const handler = async ({ payload }: { payload: Payload }) => {
	seen.push(payload);
	if (payload.act === "throw") throw new Error("the password is hunter2");
	if (payload.act === "refuse") throw new NoRetryError("no such order");
	if (payload.act === "postpone") throw new RetryLaterError(3_600);
	return payload.act === "respond" ? Response.json({ id: 7 }, { status: 201 }) : undefined;
};

const underExpress = (...before: express.RequestHandler[]): express.Express => {
	const app = express();
	for (const middleware of before) app.use(middleware);
	app.post("/", expressWebhook(options, handler));
	app.use(express.json());
	return app;
};

const listenWithFastify = async (): Promise<string> => {
	const app = fastify({ forceCloseConnections: true });
	app.register(fastifyWebhook(options, handler), { prefix: "/hooks" });
	app.post("/other", async ({ body }) => body);
	afterAll(() => app.close());
	return app.listen({ port: 0, host: "127.0.0.1" });
};

const fastifyUrl = await listenWithFastify();

const receivers: [string, string][] = [
	["Fetch", await listening(fetchListener(webhookHandler(options, handler)))],
	["node:http", await listening(expressWebhook(options, handler))],
	["Express", await listening(underExpress())],
	["Express behind express.raw()", await listening(underExpress(express.raw({ type: "*/*" })))],
	["Express behind express.text()", await listening(underExpress(express.text({ type: "*/*" })))],
	["Fastify", `${fastifyUrl}/hooks`],
	["Lambda", await listening(functionUrlListener(lambdaWebhook(options, handler), "utf8"))],
	[
		"Lambda with bodies in base64",
		await listening(functionUrlListener(lambdaWebhook(options, handler), "base64")),
	],
];

let orders = 0;

/** A task that tells the receiver at `url` what to do, once it has been called. */
const called = async (url: string, act: string, max_retries = 0) => {
	orders += 1;
	const { id } = await aq.tasks.create({
		queue: `receivers-${orders}`,
		webhook_url: url,
		payload: { order: orders, act, text: "Zoë 🎉" },
		max_retries,
	});
	const task = await eventually(`a call of ${url}`, async () => {
		const now = await aq.tasks.get(id);
		return now.attempts.length > 0 ? now : undefined;
	});
	return { ...task, attempt: task.attempts[0] };
};

describe.concurrent.each(receivers)("a webhook with %s", (_, url) => {
	test("completes a task when its handler returns", async () => {
		const task = await called(url, "return");

		expect(task).toMatchObject({ status: "completed", attempt: { response_code: 204 } });
		expect(seen).toContainEqual({ order: task.payload["order"], act: "return" });
	});

	test("passes on the response of its handler", async () => {
		expect(await called(url, "respond")).toMatchObject({
			status: "completed",
			attempt: { response_code: 201, response_body: '{"id":7}' },
		});
	});

	test("answers 500 when its handler throws, without saying what", async () => {
		expect(await called(url, "throw")).toMatchObject({
			status: "failed",
			attempt: { response_code: 500, response_body: "the handler failed" },
		});
		expect(errors).toContainEqual(new Error("the password is hunter2"));
	});

	test("lets its handler refuse a task for good", async () => {
		expect(await called(url, "refuse", 3)).toMatchObject({
			status: "failed",
			attempts: [{ error: "no_retry", response_body: "no such order" }],
		});
	});

	test("lets its handler postpone the next attempt", async () => {
		const task = await called(url, "postpone", 3);
		const executedAt = Date.parse(task.attempt?.executed_at ?? "");

		expect(task).toMatchObject({ status: "pending", attempt: { response_code: 503 } });
		expect(Date.parse(task.run_at)).toBeGreaterThanOrEqual(executedAt + 3_600_000);
	});

	test("answers 400, and what is wrong, to a payload that its schema refuses", async () => {
		const { attempt } = await called(url, "dance");

		expect(attempt?.response_code).toBe(400);
		expect(attempt?.response_body).toMatch(/^act: /);
	});

	test("answers 401 to whoever else calls, and does not call its handler", async () => {
		const body = JSON.stringify({
			task_id: "task_1",
			queue: "q",
			attempt: 1,
			payload: { order: -1, act: "return" },
		});
		const forged = { "x-asyncqueue-signature": `t=${Math.floor(Date.now() / 1_000)},v1=${"0".repeat(64)}` };
		const headers = { "content-type": "application/json" };

		const unsigned = await fetch(url, { method: "POST", headers, body });
		const wrong = await fetch(url, { method: "POST", headers: { ...headers, ...forged }, body });
		const empty = await fetch(url, { method: "POST" });

		expect([unsigned.status, wrong.status, empty.status]).toStrictEqual([401, 401, 401]);
		expect(seen.filter(({ order }) => order === -1)).toStrictEqual([]);
	});
});

test("a webhook with Express behind express.json() answers 500 and tells what to change", async () => {
	const url = await listening(underExpress(express.json()));

	expect((await called(url, "return")).attempt).toMatchObject({ response_code: 500 });
	expect(errors.map(String)).toContainEqual(expect.stringContaining("put the webhook before express.json()"));
});

test("a webhook with Fastify leaves the bodies of other routes to their parsers", async () => {
	const headers = { "content-type": "application/json" };
	const answer = await fetch(`${fastifyUrl}/other`, { method: "POST", headers, body: '{"a":1}' });

	expect(await answer.json()).toStrictEqual({ a: 1 });
});

test.each(receivers.slice(0, 3))(
	"a webhook with %s does not read more than a webhook can be",
	async (_, url) => {
		const answer = await fetch(url, { method: "POST", body: "x".repeat(1_048_577) });

		expect(answer.status).toBe(413);
	},
);

test("a webhook takes either key while it is being rotated, from wherever they are kept", async () => {
	const keys = async () => ["aq_live_another", key];
	const url = await listening(fetchListener(webhookHandler({ key: keys }, () => undefined)));

	expect(await called(url, "return")).toMatchObject({ status: "completed" });
});

test("a webhook postpones to an instant, and never to the second before it", async () => {
	const until = Math.floor(Date.now() / 1_000) * 1_000 + 3_600_999;
	const postpone = () => {
		throw new RetryLaterError(new Date(until));
	};
	const url = await listening(fetchListener(webhookHandler({ key, onError: () => undefined }, postpone)));

	const { run_at } = await called(url, "postpone", 1);

	expect(Date.parse(run_at)).toBeGreaterThanOrEqual(until);
	expect(Date.parse(run_at)).toBeLessThan(until + 2_000);
});
