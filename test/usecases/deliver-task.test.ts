import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEASE_SECONDS, VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { deliverBatch } from "../../lambda/usecases/deliver-batch.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { rotateApiKey } from "../../lambda/usecases/rotate-api-key.ts";
import { verifyWebhook } from "../../receiver/verify-webhook.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const DAY = 86_400;

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const create = async (overrides: Parameters<typeof aNewTask>[0] = {}): Promise<string> => {
	const { principal } = world;
	const { task } = await createTask(world.ports, { principal, newTask: aNewTask(overrides) });
	return task.id;
};
const show = (taskId: string) => getTask(world.ports, { teamId: world.principal.teamId, taskId });
describe("a delivery", () => {
	it("posts the documented body, signed with the key that created the task", async () => {
		const id = await create({ payload: { text: "grüße\u2028" } });
		await world.runFor(0);
		const [call] = world.webhooks.calls;
		expect(call?.url).toBe("https://example.com/hook");
		expect(JSON.parse(call?.body ?? "")).toEqual({
			task_id: id,
			queue: "emails",
			payload: { text: "grüße\u2028" },
			attempt: 1,
		});
		const now = world.clock.now();
		expect(verifyWebhook(call?.body ?? "", call?.headers ?? {}, world.secret, { now })).toMatchObject({
			task_id: id,
		});
		expect(call?.headers).toMatchObject({
			"content-type": "application/json",
			"x-asyncqueue-task-id": id,
			"x-asyncqueue-attempt": "1",
			"webhook-id": id,
		});
	});

	it("completes the task on 2xx and keeps the attempt", async () => {
		const id = await create();
		world.webhooks.willAnswer(answer(202, {}, "thanks"));
		await world.runFor(0);
		expect(await show(id)).toMatchObject({
			status: "completed",
			completed_at: new Date(START).toISOString(),
			attempts: [{ number: 1, status: "success", response_code: 202, error: null, response_body: "thanks" }],
		});
	});

	it("makes each attempt a span of its own in the trace of the creating request, and logs it", async () => {
		const trace = {
			traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
			tracestate: "vendor=a,other=b",
		};
		const { principal, webhooks, logs } = world;
		webhooks.willAnswer(answer(500));
		await createTask(world.ports, { principal, newTask: aNewTask(), trace });
		await world.runFor(1);
		const sent = webhooks.calls.map(({ headers }) => headers);
		const attempted = logs.filter(({ event }) => event === "delivery.attempted");
		const spanIds = attempted.map(({ fields }) => fields["span_id"]);
		expect(new Set([...spanIds, "b7ad6b7169203331"]).size).toBe(3);
		expect(sent.map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual(
			spanIds.map((id) => [`00-0af7651916cd43dd8448eb211c80319c-${id}-01`, "vendor=a,other=b"]),
		);
		for (const { fields } of attempted)
			expect(fields).toMatchObject({
				trace_id: "0af7651916cd43dd8448eb211c80319c",
				parent_span_id: "b7ad6b7169203331",
			});
	});

	it("says nothing of a trace when the creating request had none", async () => {
		await create();
		await world.runFor(0);
		expect(world.webhooks.calls[0]?.headers).not.toHaveProperty("traceparent");
		const attempted = world.logs.find(({ event }) => event === "delivery.attempted");
		expect(attempted?.fields["trace_id"]).toBeUndefined();
	});

	it("signs with both secrets while the key is rotated, with the new one afterwards", async () => {
		const { ports, principal, secret, webhooks } = world;
		const rotated = await rotateApiKey(ports, principal.teamId, principal.keyId, 60);
		await create();
		await create({ delay: 61 });
		await world.runFor(61);
		const [during, after] = webhooks.calls;
		const verifies = (call: typeof during, key: string): boolean => {
			const now = Number(call?.headers["webhook-timestamp"]) * 1_000;
			try {
				return Boolean(verifyWebhook(call?.body ?? "", call?.headers ?? {}, key, { now }));
			} catch {
				return false;
			}
		};
		expect([verifies(during, secret), verifies(during, rotated.secret)]).toEqual([true, true]);
		expect([verifies(after, secret), verifies(after, rotated.secret)]).toEqual([false, true]);
	});

	it("gives the webhook as long as its queue says, or the task itself", async () => {
		await putQueue(
			world.ports,
			{ teamId: "team-a", name: "emails" },
			{ ...defaultQueueSettings, timeout: 7 },
		);
		await create();
		await create({ timeout: 120 });
		await world.runFor(0);
		expect(world.webhooks.calls.map(({ timeoutMs }) => timeoutMs)).toEqual([7_000, 120_000]);
	});

	it("goes through everything but the call for a test key's task", async () => {
		const { ports, principal } = world;
		const { task } = await createTask(ports, {
			principal: { ...principal, mode: "test" },
			newTask: aNewTask(),
		});
		await world.runFor(0);
		expect(world.webhooks.calls).toEqual([]);
		expect(await show(task.id)).toMatchObject({ status: "completed", attempts: [{ response_code: null }] });
	});
});

describe("messages that come twice", () => {
	it("do nothing once the attempt is over", async () => {
		const id = await create();
		await world.ports.deliveryQueue.send([
			{ team_id: "team-a", task_id: id, queue: "emails", priority: 5, attempt: 1, due_at: START },
		]);
		await world.runFor(DAY);
		expect(world.webhooks.calls).toHaveLength(1);
		expect(world.world.messages.nextDueAt()).toBeUndefined();
	});

	it("do nothing once the task is gone", async () => {
		const id = await create();
		await world.ports.tasks.remove({ teamId: "team-a", taskId: id });
		await world.runFor(DAY);
		expect(world.webhooks.calls).toEqual([]);
		expect(world.logs.map(({ fields }) => fields["status"])).toContain("gone");
		expect(world.world.messages.nextDueAt()).toBeUndefined();
	});

	it("come back while another worker makes the attempt, for it might die", async () => {
		const id = await create();
		const now = world.clock.now();
		const leaseUntil = now + LEASE_SECONDS * 1_000;
		await world.ports.tasks.claim({ teamId: "team-a", taskId: id, attempt: 1, now, leaseUntil });
		const message = { team_id: "team-a", task_id: id, queue: "emails", priority: 5, attempt: 1, due_at: now };
		const [result] = await deliverBatch(world.ports, [JSON.stringify(message)]);
		expect(result).toMatchObject({
			status: "rejected",
			reason: { name: "ClaimHeldError", message: `attempt 1 of ${id} is in progress elsewhere` },
		});
	});

	it("do nothing while the attempt is being made, and are kept until it is over", async () => {
		const id = await create();
		const duplicate = {
			team_id: "team-a",
			task_id: id,
			queue: "emails",
			priority: 5,
			attempt: 1,
			due_at: START,
		};
		let duplicateKept = false;
		world.webhooks.willAnswer(async () => {
			await world.ports.deliveryQueue.send([duplicate]);
			const [message] = world.world.messages.receive(world.clock.now(), 1);
			duplicateKept = message !== undefined;
			return answer(200);
		});
		await world.runFor(DAY);
		expect(duplicateKept).toBe(true);
		expect(world.webhooks.calls).toHaveLength(1);
		expect(world.world.messages.nextDueAt()).toBeUndefined();
	});
});

describe("crashes", () => {
	const crash = () => Promise.reject(new Error("crashed here"));

	it("after the claim: the attempt is made again when the lease has run out", async () => {
		world.webhooks.willAnswer(crash as never);
		const id = await create();
		await world.runFor(VISIBILITY_SECONDS - 1);
		expect(await show(id)).toMatchObject({ status: "active" });
		await world.runFor(1);
		expect(await show(id)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
		expect(VISIBILITY_SECONDS).toBeGreaterThan(LEASE_SECONDS);
	});

	it("between the result and the next message: the old message brings the next one", async () => {
		let sends = 0;
		world.close();
		world = await createTestWorld(({ deliveryQueue }) => ({
			deliveryQueue: {
				send: (messages) => {
					sends += 1;
					return sends === 2 ? crash() : deliveryQueue.send(messages);
				},
			},
		}));
		world.webhooks.willAnswer(answer(500));
		const id = await create();
		await world.runFor(VISIBILITY_SECONDS + 10);
		expect(await show(id)).toMatchObject({ status: "completed", attempts: [{ number: 1 }, { number: 2 }] });
	});

	it("a worker that wakes up after losing its claim changes nothing", async () => {
		const id = await create();
		world.webhooks.willAnswer(async () => {
			world.clock.advanceBy((LEASE_SECONDS + 1) * 1_000);
			const message = {
				team_id: "team-a",
				task_id: id,
				queue: "emails",
				priority: 5,
				attempt: 1,
				due_at: START,
			};
			await deliverBatch(world.ports, [JSON.stringify(message)]);
			return answer(500);
		});
		await world.runFor(0);
		expect(await show(id)).toMatchObject({
			status: "completed",
			attempts: [{ number: 1, status: "success" }],
		});
		expect(world.logs.filter(({ event }) => event === "delivery.superseded")).toEqual([
			{ level: "warn", event: "delivery.superseded", fields: { task_id: id, attempt: 1 } },
		]);
	});
});
