import type { Task } from "../../lambda/core/task.ts";

/** 2026-11-23T12:00:00Z */
export const NOW = 1_795_435_200_000;

export const TASK_ID = "task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF";

/** A task that waits for its first attempt. */
export const aTask = (changes: Partial<Task> = {}): Task => ({
	teamId: "team-a",
	id: TASK_ID,
	keyId: "key-1",
	mode: "live",
	queue: "emails",
	webhookUrl: "https://example.com/hook",
	payload: '{"user":"usr_123"}',
	priority: 5,
	delay: 0,
	status: "pending",
	attempt: 1,
	attemptsBefore: 0,
	attempts: [],
	createdAt: NOW,
	dueAt: NOW,
	...changes,
});
