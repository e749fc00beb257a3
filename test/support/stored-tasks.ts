import type { Task } from "../../lambda/core/task.ts";
import { ensureQueue } from "../../lambda/usecases/queue-policy.ts";
import { failedAttempt } from "./task-transitions.ts";
import { START, type TestWorld } from "./test-world.ts";
import { uniqueTask } from "./unique-tasks.ts";

/** What a task that failed a second before the world's start has of its own. */
export const FAILED: Partial<Task> = {
	status: "failed",
	attempts: [failedAttempt(1)],
	createdAt: START - 2_000,
	dueAt: START - 2_000,
	completedAt: START - 1_000,
	expiresAt: START + 30 * 86_400_000,
};

/** Stores `count` tasks as they are, without a message, in the queue `emails`. Returns their ids. */
export const storeTasks = async (
	{ ports, principal }: Pick<TestWorld, "ports" | "principal">,
	count: number,
	changes: Partial<Task> = {},
): Promise<string[]> => {
	await ensureQueue(ports, principal.teamId, "emails");
	const tasks = Array.from({ length: count }, () => uniqueTask({ ...principal, ...changes }));
	await Promise.all(tasks.map((task) => ports.tasks.put(task)));
	return tasks.map(({ id }) => id);
};
