import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { deliverBatch } from "../../lambda/usecases/deliver-batch.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
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
/** Seconds from the start at which each attempt was made. */
const attemptTimes = async (taskId: string): Promise<number[]> =>
	(await show(taskId)).attempts.map(({ executed_at }) => (Date.parse(executed_at) - START) / 1_000);

describe("retries", () => {
	it("wait 1, 2, 4 s and then fail for good with the default policy", async () => {
		world.webhooks.willAnswer(answer(500), answer(500), answer(500), answer(500));
		const id = await create();
		await world.runFor(60);
		expect(await attemptTimes(id)).toEqual([0, 1, 3, 7]);
		expect(await show(id)).toMatchObject({ status: "failed" });
		expect((await show(id)).attempts.map(({ error }) => error)).toEqual(Array(4).fill("http_500"));
		expect(world.webhooks.bodies.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
	});

	it("follow a schedule of three days to the second", async () => {
		const settings = { ...defaultQueueSettings, max_retries: 20, retry_max_delay: DAY, retry_delay: 1 };
		await putQueue(world.ports, { teamId: world.principal.teamId, name: "emails" }, settings);
		world.webhooks.willAnswer(...Array.from({ length: 21 }, () => answer(503)));
		const id = await create();
		await world.runFor(30 * DAY);
		const times = await attemptTimes(id);
		const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
		expect(waits).toEqual(Array.from({ length: 20 }, (_, retry) => Math.min(2 ** retry, DAY)));
		expect(times.at(-1)).toBeGreaterThan(3 * DAY);
		expect(await show(id)).toMatchObject({ status: "failed" });
	});

	it("are read from the queue at each attempt, unless the task has its own", async () => {
		const { ports, principal, webhooks } = world;
		webhooks.willAnswer(...Array.from({ length: 20 }, () => answer(500)));
		const follows = await create();
		const own = await create({ max_retries: 1 });
		await world.runFor(0.5);
		await putQueue(
			ports,
			{ teamId: principal.teamId, name: "emails" },
			{
				...defaultQueueSettings,
				max_retries: 2,
				retry_backoff: "fixed",
				retry_delay: 5,
			},
		);
		await world.runFor(60);
		expect(await attemptTimes(follows)).toEqual([0, 1, 6]);
		expect(await attemptTimes(own)).toEqual([0, 1]);
	});

	it("wait for Retry-After on a 503", async () => {
		world.webhooks.willAnswer(answer(503, { "retry-after": "120" }));
		const id = await create();
		await world.runFor(300);
		expect(await attemptTimes(id)).toEqual([0, 120]);
	});
});

describe("due times", () => {
	it.each([1, 899, 900, 901, 3_600, DAY, 31_536_000])(
		"a delay of %d s ends at its second, not before",
		async (delay) => {
			const id = await create({ delay });
			await world.runFor(delay - 0.001);
			expect(world.webhooks.calls).toEqual([]);
			await world.runFor(0.001);
			expect(await attemptTimes(id)).toEqual([delay]);
		},
	);

	it("a message that the queue hands over early waits for the rest of its time", async () => {
		const id = await create({ delay: 60 });
		const dueAt = START + 60_000;
		const early = { team_id: "team-a", task_id: id, queue: "emails", priority: 5, attempt: 1, due_at: dueAt };
		world.world.database.prepare("DELETE FROM delivery_messages").run();
		const handed = await deliverBatch(world.ports, [JSON.stringify(early)]);
		expect(handed).toEqual([{ status: "fulfilled", value: undefined }]);
		await world.runFor(59);
		expect(world.webhooks.calls).toEqual([]);
		await world.runFor(1);
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("an early message is sent again and does nothing else", async () => {
		const id = await create({ delay: 60 });
		const early = { team_id: "team-a", task_id: id, queue: "emails", priority: 5, attempt: 1, due_at: START };
		await world.ports.deliveryQueue.send([early]);
		await world.runFor(59);
		expect(world.webhooks.calls).toEqual([]);
		await world.runFor(1);
		expect(world.webhooks.calls).toHaveLength(1);
	});
});
