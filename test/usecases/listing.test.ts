import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TaskListQuery } from "../../lambda/core/task-page.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { listTasks } from "../../lambda/usecases/list-tasks.ts";
import { patchQueue } from "../../lambda/usecases/patch-queue.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const create = async (overrides: Parameters<typeof aNewTask>[0] = {}): Promise<string> => {
	const newTask = aNewTask({ delay: 60, ...overrides });
	return (await createTask(world.ports, { principal: world.principal, newTask })).task.id;
};
const list = async (query: Partial<TaskListQuery>, ports = world.ports) => {
	const { tasks, ...page } = await listTasks(ports, "team-a", { limit: 20, offset: 0, ...query });
	return { ids: tasks.map(({ id }) => id), retries: tasks.map((task) => task.max_retries), ...page };
};
const cursorAt = (id: string | undefined) => Buffer.from(id ?? "").toString("base64url");

describe("the list of a team's tasks", () => {
	it("goes on where it stopped, until there is no more", async () => {
		const [a, b, c] = [await create(), await create(), await create()];
		expect(await list({ limit: 2 })).toMatchObject({ ids: [c, b], hasMore: true, nextCursor: cursorAt(b) });
		expect(await list({ limit: 2, cursor: b })).toMatchObject({ ids: [a], hasMore: false, nextCursor: null });
		expect(await list({ limit: 3 })).toMatchObject({ ids: [c, b, a], hasMore: false, nextCursor: null });
	});

	it("skips as many tasks as the offset says", async () => {
		const [a, b] = [await create(), await create(), await create(), await create()];
		expect(await list({ limit: 1, offset: 2 })).toMatchObject({
			ids: [b],
			hasMore: true,
			nextCursor: cursorAt(b),
		});
		expect(await list({ limit: 5, offset: 3 })).toMatchObject({ ids: [a], hasMore: false });
	});

	it("is empty for a team without tasks, and of one queue or status if asked for", async () => {
		const email = await create();
		const report = await create({ queue: "reports", delay: 0 });
		await world.runFor(1);
		expect(await list({ queue: "reports" })).toMatchObject({ ids: [report] });
		expect(await list({ status: "pending" })).toMatchObject({ ids: [email] });
		const none = await listTasks(world.ports, "team-b", { limit: 20, offset: 0 });
		expect(none).toEqual({ tasks: [], hasMore: false, nextCursor: null });
	});

	it("shows what a task grants itself, as a single task does", async () => {
		const own = await create({ max_retries: 9 });
		expect(await list({})).toMatchObject({ retries: [9] });
		const key = { teamId: "team-a", taskId: own };
		expect(await getTask(world.ports, key)).toMatchObject({ max_retries: 9 });
	});

	it("shows the retries in force, and reads each queue once for it", async () => {
		for (const queue of ["emails", "emails", "reports"]) await create({ queue });
		await create({ max_retries: 0 });
		await patchQueue(world.ports, { teamId: "team-a", name: "emails" }, { max_retries: 7 });
		const read: string[] = [];
		const { queues } = world.ports;
		const counting = overriding(queues, {
			get: (teamId, name) => {
				read.push(name);
				return queues.get(teamId, name);
			},
		});
		expect(await list({}, { ...world.ports, queues: counting })).toMatchObject({ retries: [0, 3, 7, 7] });
		expect(read.sort()).toEqual(["emails", "reports"]);
	});
});
