import type { SQSRecord } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drainHandler } from "../../lambda/handlers/drain.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

/** What the drain reads of a record. */
const record = (messageId: string, body: unknown): SQSRecord =>
	({ messageId, body: typeof body === "string" ? body : JSON.stringify(body) }) as SQSRecord;

const drain = (...records: SQSRecord[]) => drainHandler(world.ports)({ Records: records }, {});

const aTaskAndItsMessage = async () => {
	const { principal } = world;
	const { task } = await createTask(world.ports, { principal, newTask: aNewTask() });
	const message = {
		team_id: principal.teamId,
		task_id: task.id,
		queue: task.queue,
		priority: task.priority,
		attempt: 1,
		due_at: START,
	};
	return { message, show: () => getTask(world.ports, { teamId: principal.teamId, taskId: task.id }) };
};

describe("the drain", () => {
	it("takes dead letters of the delivery queue", async () => {
		const { message, show } = await aTaskAndItsMessage();
		expect(await drain(record("m1", message))).toEqual({ batchItemFailures: [] });
		await world.runFor(60);
		expect(await show()).toMatchObject({ status: "completed" });
		expect(world.logs).toContainEqual({
			level: "warn",
			event: "drain.handled",
			fields: { message_id: "m1", task_id: message.task_id, attempt: 1, result: "resumed" },
		});
	});

	it("takes dead letters of Scheduler, which hold the request that failed", async () => {
		const { message } = await aTaskAndItsMessage();
		const request = {
			QueueUrl: "https://sqs/1/q",
			MessageBody: JSON.stringify(message),
			MessageGroupId: "g",
		};
		expect(await drain(record("m1", request))).toEqual({ batchItemFailures: [] });
		expect(world.logs).toContainEqual(
			expect.objectContaining({
				event: "drain.handled",
				fields: expect.objectContaining({ result: "resumed" }),
			}),
		);
	});

	it("takes dead letters of the work queue", async () => {
		const about = { team_id: world.principal.teamId, queue: "emails", due_at: START };
		const pump = record("m1", { kind: "pump", ...about });
		const job = record("m2", { kind: "job", ...about, job_id: "job_1" });
		expect(await drain(pump, job)).toEqual({ batchItemFailures: [] });
		const handled = { team_id: world.principal.teamId, queue: "emails", result: "resumed" };
		expect(world.logs.map(({ fields }) => fields)).toEqual([
			{ message_id: "m1", kind: "pump", ...handled },
			{ message_id: "m2", kind: "job", ...handled },
		]);
	});

	it.each([
		["no JSON", "secret{"],
		["no object", "42"],
		["another object", { hello: "secret" }],
		["an unreadable request", { MessageBody: "secret{" }],
		["an incomplete message", { team_id: "secret", task_id: "task_1" }],
		["a message of an unknown kind", { kind: "secret", team_id: "a", queue: "b", due_at: 1 }],
	])("keeps %s for the quarantine, and logs none of it", async (_, body) => {
		expect(await drain(record("m1", body))).toEqual({ batchItemFailures: [{ itemIdentifier: "m1" }] });
		expect(world.logs).toEqual([
			{
				level: "error",
				event: "drain.unreadable",
				fields: {
					message_id: "m1",
					bytes: expect.any(Number),
					sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
				},
			},
		]);
	});

	it("keeps what it fails on, and no other", async () => {
		const { message, show } = await aTaskAndItsMessage();
		const tasks = world.ports.tasks;
		const failing: typeof tasks.get = async (key) => {
			if (key.taskId === "task_down") throw new Error("DynamoDB is down");
			return tasks.get(key);
		};
		const ports = { ...world.ports, tasks: Object.assign(Object.create(tasks), { get: failing }) };
		const Records = [
			record("m1", { ...message, task_id: "task_down" }),
			record("m2", message),
			record("m3", "?"),
		];
		const { batchItemFailures } = await drainHandler(ports)({ Records }, {});
		expect(batchItemFailures).toEqual([{ itemIdentifier: "m1" }, { itemIdentifier: "m3" }]);
		expect(await show()).toMatchObject({ status: "pending" });
	});
});
