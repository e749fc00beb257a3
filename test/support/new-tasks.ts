import type { NewTask } from "../../lambda/core/new-task.ts";

/** A valid request to create a task, as it comes out of validation. */
export const aNewTask = (overrides: Partial<NewTask> = {}): NewTask => ({
	queue: "emails",
	webhook_url: "https://example.com/hook",
	payload: { user: "usr_123" },
	priority: 5,
	...overrides,
});
