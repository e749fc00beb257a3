import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { allowSpoiling, spoilCommit } from "../support/spoiled-commit.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
/** How many of the next writes of each kind are rolled back. */
let losses: { claim: number; recordAttempt: number };

/** Spoils the commit of the write that has just been made, if it is one of those to be lost. */
const lose = (kind: keyof typeof losses): void => {
	if (losses[kind] === 0) return;
	losses[kind] -= 1;
	spoilCommit(world.world.database);
};

beforeEach(async () => {
	losses = { claim: 0, recordAttempt: 0 };
	world = await createTestWorld(({ tasks }) => ({
		tasks: overriding(tasks, {
			claim: (claim) => {
				const claiming = tasks.claim(claim);
				lose("claim");
				return claiming;
			},
			recordAttempt: (result) => {
				const recording = tasks.recordAttempt(result);
				lose("recordAttempt");
				return recording;
			},
		}),
	}));
	allowSpoiling(world.world.database);
});
afterEach(() => world.close());

const create = async (): Promise<string> => {
	const { ports, principal, world: embedded } = world;
	const { task } = await createTask(ports, { principal, newTask: aNewTask() });
	await embedded.database.committed();
	return task.id;
};

const show = (taskId: string) => getTask(world.ports, { teamId: world.principal.teamId, taskId });

describe("a disk that fails for a while", () => {
	it("makes nobody call without a claim that is kept", async () => {
		const id = await create();
		losses.claim = 5;
		await world.runFor(0);
		expect(losses.claim).toBe(0);
		expect(world.webhooks.bodies).toMatchObject([{ task_id: id, attempt: 1 }]);
		expect(await show(id)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});

	it("costs a result: the attempt is repeated when its lease is over, and counted once", async () => {
		const id = await create();
		losses.recordAttempt = 1;
		await world.runFor(1);
		await expect(world.world.database.committed()).rejects.toThrow("FOREIGN KEY");
		expect(await show(id)).toMatchObject({ status: "active", attempts: [] });
		await world.runFor(VISIBILITY_SECONDS);
		expect(world.webhooks.bodies).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
		expect(await show(id)).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});
});
