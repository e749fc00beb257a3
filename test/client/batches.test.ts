import { expect, test } from "vitest";
import { NOWHERE, openLocalQueue } from "./local-queue.ts";

const { aq } = await openLocalQueue();

const waiting = (queue: string) => ({ queue, webhook_url: NOWHERE, delay: 3_600 });

test("a task that no request can be about is refused in a batch like others, and does not sink the rest", async () => {
	const payload = { text: "x".repeat(4_194_304) };
	const tasks = [waiting("beside"), { ...waiting("beside"), payload }, waiting("beside")];

	const { results } = await aq.tasks.createBatch<object>(tasks);

	expect(results.map(({ status }) => status)).toStrictEqual([201, 413, 201]);
	expect(results[1]).toMatchObject({ code: "body_too_large", error: expect.stringContaining("4194304") });
	expect(results[1]).not.toHaveProperty("task");
});

test("a batch is not created in part when its key is too long for all of its requests", async () => {
	const tasks = Array.from({ length: 101 }, () => waiting("long-key"));

	await expect(aq.tasks.createBatch(tasks, { idempotencyKey: "k".repeat(254) })).rejects.toThrow(
		"idempotencyKey must have 253 characters at most, as 2 requests are needed",
	);
	expect((await aq.tasks.list({ queue: "long-key" })).tasks).toStrictEqual([]);

	const { results } = await aq.tasks.createBatch(tasks, { idempotencyKey: "k".repeat(253) });
	expect(results.every(({ status }) => status === 201)).toBe(true);
});
