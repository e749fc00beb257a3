import { it, onTestFinished } from "vitest";
import { startHousekeeping } from "../../local/housekeeping.ts";
import { eventually } from "../support/eventually.ts";
import { keyOf, makeFinal } from "../support/task-transitions.ts";
import { createTestWorld } from "../support/test-world.ts";
import { uniqueTask } from "../support/unique-tasks.ts";

it("housekeeping begins with what expired while the server was not running", async () => {
	const { world, ports, clock, close } = await createTestWorld();
	onTestFinished(close);
	const expired = [
		await makeFinal(ports.tasks, uniqueTask(), "completed"),
		await makeFinal(ports.tasks, uniqueTask(), "failed"),
	];
	clock.advanceTo(expired[0]?.expiresAt as number);
	const stop = startHousekeeping(world, ports);
	await eventually("the expired tasks to be deleted", async () => {
		const found = await Promise.all(expired.map((task) => ports.tasks.get(keyOf(task))));
		return found.some((task) => task !== undefined) ? undefined : "deleted";
	});
	await stop();
});
