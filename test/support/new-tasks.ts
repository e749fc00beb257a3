import type { NewTask } from "../../lambda/core/new-task.ts";

/** Is in every payload that does not say otherwise, so that one in a log is noticed. */
export const A_PAYLOAD_TEXT = "usr_123";

/** A valid request to create a task, as it comes out of validation. */
export const aNewTask = (overrides: Partial<NewTask> = {}): NewTask => ({
	queue: "emails",
	webhook_url: "https://example.com/hook",
	payload: { user: A_PAYLOAD_TEXT },
	priority: 5,
	...overrides,
});
