import { randomUUID } from "node:crypto";
import { systemRandom } from "../../lambda/adapters/system.ts";
import type { Task } from "../../lambda/core/task.ts";
import { taskIdFor } from "../../lambda/core/task-id.ts";

/** Monday, 2026-11-23T12:00:00Z. */
export const NOON = Date.UTC(2026, 10, 23, 12);

/** A team that no other test knows. */
export const uniqueTeam = (): string => `team-${randomUUID()}`;

/** A task like no other that is due at noon for the first time. Later ones have greater ids. */
export const uniqueTask = (changes: Partial<Task> = {}): Task => {
	const queue = changes.queue ?? "emails";
	return {
		teamId: uniqueTeam(),
		id: taskIdFor(systemRandom.ulid(NOON), queue),
		keyId: "key-1",
		mode: "live",
		queue,
		webhookUrl: "https://example.com/hook",
		payload: '{"user":"usr_123"}',
		priority: 5,
		delay: 0,
		status: "pending",
		attempt: 1,
		attemptsBefore: 0,
		attempts: [],
		createdAt: NOON,
		dueAt: NOON,
		...changes,
	};
};
