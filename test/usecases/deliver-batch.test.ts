import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { deliverBatch } from "../../lambda/usecases/deliver-batch.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

describe("what is no message", () => {
	it("is rejected without a word of what it says, and holds up no other", async () => {
		const { principal } = world;
		const { task } = await createTask(world.ports, { principal, newTask: aNewTask() });
		const message = {
			team_id: "team-a",
			task_id: task.id,
			queue: "emails",
			priority: 5,
			attempt: 1,
			due_at: START,
		};
		const bodies = ["{", JSON.stringify({ ...message, attempt: 0 }), JSON.stringify(message)];
		const results = await deliverBatch(world.ports, bodies);
		const reasons = results.map((result) => result.status === "rejected" && result.reason.message);
		expect(reasons).toEqual([
			expect.stringMatching(/^What came is no message of ours \(1 characters\)$/),
			expect.stringMatching(/^What came is no message of ours \(\d+ characters\)$/),
			false,
		]);
		expect(world.webhooks.calls).toHaveLength(1);
	});
});
