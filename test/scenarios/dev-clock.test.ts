import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import type { ListeningProgram } from "../support/listening-program.ts";
import { unique } from "../support/scenario.ts";
import { newApiKey, startServer } from "../support/server-process.ts";
import { verifiesByStandardWebhooks } from "../support/signature-check.ts";
import { isDeployment } from "../support/target.ts";
import { reply } from "../support/webhook-answers.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";
import type { ProblemView } from "../support/wire-format.ts";

const DAY = 86_400;

type ClockView = Readonly<{ now: string; ahead_seconds: number }>;

let server: ListeningProgram;
let api: ApiClient;
let receiver: WebhookReceiver;

beforeAll(async () => {
	if (isDeployment) return;
	const apiKey = newApiKey();
	[server, receiver] = await Promise.all([
		startServer({ dataDir: ":memory:", apiKey }),
		WebhookReceiver.open(),
	]);
	api = new ApiClient(server.url, apiKey);
});
afterAll(async () => {
	if (isDeployment) return;
	await api.close();
	await receiver.close();
	await server.stop();
});

const advance = (seconds: number) =>
	api.withKey(undefined).expectCall<ClockView>(200, "POST", "/dev/clock", { json: { advance: seconds } });

// A deployment's clock is nobody's to move: skipped there.
describe.skipIf(isDeployment)("a development server whose clock is moved ahead", () => {
	test("calls webhooks whose delay is over by that, with a signature of now, and no others", async () => {
		const [hook, later] = [receiver.hook(), receiver.hook()];
		const task = await api.createTask({ queue: unique("day"), webhook_url: hook.url, delay: DAY });
		await api.createTask({ queue: unique("day"), webhook_url: later.url, delay: 30 * DAY });

		const { ahead_seconds } = await advance(DAY);

		const arrival = await hook.arrival(1);
		expect(verifiesByStandardWebhooks(arrival, api.key ?? "")).toBe(true);
		const { attempts, run_at } = await api.taskInStatus(task.id, "completed");
		expect(Date.parse(attempts[0]?.executed_at ?? "")).toBeGreaterThanOrEqual(Date.parse(run_at));
		expect(later.arrivals).toHaveLength(0);
		const { now, ahead_seconds: ahead } = await api.expectCall<ClockView>(200, "GET", "/dev/clock");
		expect(ahead).toBe(ahead_seconds);
		expect(Date.parse(now) / 1_000).toBeGreaterThan(Date.now() / 1_000 + ahead - 60);
	});

	test("makes the retries and the calls of a limited queue whose time has come", async () => {
		const queue = unique("slow");
		const settings = { max_retries: 1, retry_delay: 3_600, rate_limit: { limit: 1, per_seconds: 3_600 } };
		await api.expectCall(200, "PUT", `/v1/queues/${queue}`, { json: settings });
		const hook = receiver.hook([reply(500)]);
		const task = await api.createTask({ queue, webhook_url: hook.url });
		await api.taskWhen(task.id, "waiting for its retry", ({ attempts }) => attempts.length === 1);

		await advance(3_600);
		await hook.arrival(2);
		const next = await api.createTask({ queue, webhook_url: hook.url });
		await advance(3_600);

		expect((await hook.arrival(3)).body.task_id).toBe(next.id);
	});

	test("does not repeat a call that is under way", async () => {
		const answered = Promise.withResolvers<void>();
		const hook = receiver.hook([
			async (_, response) => {
				await answered.promise;
				response.writeHead(200).end();
			},
		]);
		const task = await api.createTask({ queue: unique("long"), webhook_url: hook.url });
		await hook.arrival(1);
		const witness = receiver.hook();
		await api.createTask({ queue: unique("long"), webhook_url: witness.url, delay: DAY });

		await advance(DAY);
		await witness.arrival(1);
		answered.resolve();

		const { attempts } = await api.taskInStatus(task.id, "completed");
		expect(attempts).toHaveLength(1);
		expect(hook.arrivals).toHaveLength(1);
	});

	test.for([
		[{ advance: -1 }, "advance"],
		[{ advance: 0 }, "advance"],
		[{ advance: 1.5 }, "advance"],
		[{ advance: 31_536_001 }, "advance"],
		[{}, "advance"],
		[{ advance: 1, back: true }, "back"],
	] as const)("says what is wrong with %j", async ([json, path]) => {
		const { status, body } = await api.call<ProblemView>("POST", "/dev/clock", { json });
		expect(status).toBe(400);
		expect(body.errors).toContainEqual({ path, message: expect.any(String) });
	});
});

describe.skipIf(isDeployment)("a server without development tools", () => {
	test("has no clock to move and no inbox", async () => {
		const apiKey = newApiKey();
		const plain = await startServer({ dataDir: ":memory:", apiKey, settings: { ASYNCQUEUE_DEV: "false" } });
		const client = new ApiClient(plain.url, apiKey);
		const answers = await Promise.all([
			client.call<ProblemView>("GET", "/dev/clock"),
			client.call<ProblemView>("POST", "/dev/clock", { json: { advance: 1 } }),
			client.call<ProblemView>("GET", "/dev/inbox"),
		]);
		expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
			answers.map(() => [404, "route_not_found"]),
		);
		await client.close();
		await plain.stop();
	});
});
