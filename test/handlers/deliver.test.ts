import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { messageFor } from "../../lambda/core/delivery-message.ts";
import { deliverHandler } from "../../lambda/handlers/deliver.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { toSqsEvent } from "../../local/sqs-event.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const batch = (...bodies: string[]) =>
	toSqsEvent(
		bodies.map((body, index) => ({
			messageId: `message-${index}`,
			body,
			receiveCount: 1,
			sentAt: world.clock.now(),
			firstReceivedAt: world.clock.now(),
		})),
	);

const taskMessage = async (): Promise<string> => {
	const { principal, ports } = world;
	const { task } = await createTask(ports, { principal, newTask: aNewTask() });
	const stored = await ports.tasks.get({ teamId: principal.teamId, taskId: task.id });
	if (!stored) throw new Error("the task was just created");
	return JSON.stringify(messageFor(stored));
};

describe("the delivery handler", () => {
	it("delivers a batch and reports nothing", async () => {
		const event = batch(await taskMessage(), await taskMessage());
		expect(await deliverHandler(world.ports)(event, {})).toEqual({ batchItemFailures: [] });
		expect(world.webhooks.calls).toHaveLength(2);
	});

	it("reports only the messages that must come back", async () => {
		const event = batch("not json", await taskMessage(), '{"task_id":"task_x"}');
		expect(await deliverHandler(world.ports)(event, {})).toEqual({
			batchItemFailures: [{ itemIdentifier: "message-0" }, { itemIdentifier: "message-2" }],
		});
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("reports a message whose task could not be read, and calls nothing", async () => {
		const event = batch(await taskMessage());
		const ports = {
			...world.ports,
			queues: { ...world.ports.queues, get: () => Promise.reject(new Error("down")) },
		};
		const failed = await deliverHandler(ports as unknown as typeof world.ports)(event, {});
		expect(failed.batchItemFailures).toHaveLength(1);
		expect(world.webhooks.calls).toEqual([]);
	});
});
