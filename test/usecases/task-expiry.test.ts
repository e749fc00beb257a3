import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cancelTask } from "../../lambda/usecases/cancel-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { listTasks } from "../../lambda/usecases/list-tasks.ts";
import { retryTask } from "../../lambda/usecases/retry-task.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const expired = async () => {
	const [taskId = ""] = await storeTasks(world, 1, { ...FAILED, expiresAt: START });
	return { teamId: world.principal.teamId, taskId };
};

describe("a task that is kept no longer", () => {
	it("cannot be seen, cancelled or retried, even if it is still stored", async () => {
		const key = await expired();
		expect(await world.ports.tasks.get(key)).toMatchObject({ status: "failed" });
		for (const use of [getTask, cancelTask, retryTask])
			await expect(use(world.ports, key)).rejects.toMatchObject({ code: "task_not_found" });
		expect(await world.ports.tasks.get(key)).toMatchObject({ status: "failed" });
	});

	it("is left out of lists, which go on after it", async () => {
		const [older = ""] = await storeTasks(world, 1, FAILED);
		await expired();
		const query = { limit: 1, offset: 0 };
		const first = await listTasks(world.ports, world.principal.teamId, query);
		expect(first).toMatchObject({ tasks: [], hasMore: true });
		const cursor = Buffer.from(first.nextCursor ?? "", "base64url").toString();
		const second = await listTasks(world.ports, world.principal.teamId, { ...query, cursor });
		expect(second).toMatchObject({ tasks: [{ id: older }], hasMore: false, nextCursor: null });
	});

	it("is shown until then", async () => {
		const [taskId = ""] = await storeTasks(world, 1, { ...FAILED, expiresAt: START + 1 });
		const key = { teamId: world.principal.teamId, taskId };
		expect(await getTask(world.ports, key)).toMatchObject({ status: "failed" });
		world.clock.advanceBy(1);
		await expect(getTask(world.ports, key)).rejects.toMatchObject({ code: "task_not_found" });
	});
});
