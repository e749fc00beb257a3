import { afterEach } from "vitest";
import { QueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { patchQueue } from "../../lambda/usecases/patch-queue.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { aNewTask } from "./new-tasks.ts";
import { createTestWorld } from "./test-world.ts";
import { TimedWebhooks } from "./timed-webhooks.ts";

export const TEAM = "team-a";
export const QUEUE = "emails";
const KEY = { teamId: TEAM, name: QUEUE };

/** As deployed: several pumps at a line. */
export const FLEET: Partial<Ports> = { flowLimits: { pumpSeats: 4 } };

const closings: (() => void)[] = [];
afterEach(() => {
	for (const close of closings.splice(0)) close();
});

/** A test world whose one queue has these settings, with webhooks that take their time. */
export const openTimedWorld = async (
	settings: Partial<QueueSettings>,
	overrides: (ports: Ports) => Partial<Ports> = () => ({}),
) => {
	let webhooks: TimedWebhooks | undefined;
	const world = await createTestWorld((ports) => {
		webhooks = new TimedWebhooks(ports.clock as never);
		return { webhooks, ...overrides(ports) };
	});
	closings.push(world.close);
	const { ports, principal } = world;
	await putQueue(ports, KEY, QueueSettings.parse(settings));
	const create = async (count: number, priorityOf: (n: number) => number = () => 5): Promise<string[]> => {
		const ids: string[] = [];
		for (let n = 0; n < count; n += 1) {
			const priority = priorityOf(n);
			const newTask = aNewTask({ queue: QUEUE, priority, payload: { priority } });
			ids.push((await createTask(ports, { principal, newTask })).task.id);
		}
		return ids;
	};
	const show = (taskId: string) => getTask(ports, { teamId: TEAM, taskId });
	const statuses = async (ids: readonly string[]) =>
		new Set((await Promise.all(ids.map(show))).map(({ status }) => status));
	const set = (patch: Partial<QueueSettings>) => patchQueue(ports, KEY, patch);
	const lineLength = async () => (await ports.line.first(KEY, [0, 1, 2, 3], 1_000)).length;
	return { ...world, lineLength, webhooks: webhooks as TimedWebhooks, create, show, statuses, set };
};
