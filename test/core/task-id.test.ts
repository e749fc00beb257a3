import fc from "fast-check";
import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import { parseTaskId, QUEUE_SHARDS, queueHash, taskIdFor } from "../../lambda/core/task-id.ts";

const anyUlid = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map((time) => ulid(time));
const anyQueue = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

describe("a task id", () => {
	it("is task_ and 33 characters that are safe in URLs and file names", () => {
		fc.assert(
			fc.property(anyUlid, anyQueue, (id, queue) => {
				expect(taskIdFor(id, queue)).toMatch(/^task_[0-9A-HJKMNP-TV-Z]{33}$/);
			}),
		);
	});

	it("holds its address: no index is needed to find the task", () => {
		fc.assert(
			fc.property(anyUlid, anyQueue, (id, queue) => {
				const address = parseTaskId(taskIdFor(id, queue));
				expect(address).toMatchObject({ ulid: id, queueHash: queueHash(queue) });
				expect(address?.shard).toBeGreaterThanOrEqual(0);
				expect(address?.shard).toBeLessThan(QUEUE_SHARDS);
			}),
		);
	});

	it("stays as it is: ids that were given out lead to their tasks for ever", () => {
		expect(taskIdFor("01KANV8E00ABCDEFGHJKMNPQRS", "emails")).toBe("task_01KANV8E00ABCDEFGHJKMNPQRS1SVDYG6");
	});

	it("sorts by creation, across queues", () => {
		fc.assert(
			fc.property(anyUlid, anyUlid, anyQueue, anyQueue, (a, b, queueA, queueB) => {
				fc.pre(a !== b);
				expect(taskIdFor(a, queueA) < taskIdFor(b, queueB)).toBe(a < b);
			}),
		);
	});

	it("spreads a queue evenly over its shards", () => {
		const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
		const shards = [...ALPHABET].map(
			(last) => parseTaskId(taskIdFor(`01KANV8E00ABCDEFGHJKMNPQR${last}`, "q"))?.shard,
		);
		for (let shard = 0; shard < QUEUE_SHARDS; shard++) {
			expect(shards.filter((each) => each === shard)).toHaveLength(ALPHABET.length / QUEUE_SHARDS);
		}
	});

	it.each([
		"",
		"task_",
		"01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF",
		"task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDE",
		"task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEFG",
		"task_01KANV8E00ABCDEFGHJKMNPQRS8ABCDEF",
		"task_81KANV8E00ABCDEFGHJKMNPQRS1ABCDEF",
		"task_01KANV8E00ABCDEFGHJKMNPQRI1ABCDEF",
		"task_01kanv8e00abcdefghjkmnpqrs1abcdef",
		"task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF\n",
		"xtask_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF",
		"TASK_01KANV8E00ABCDEFGHJKMNPQRS1ABCDEF",
		"task_01KANV8E00ABCDEFGHJKMNPQRS1ABCDE/",
	])("is not %j", (text) => {
		expect(parseTaskId(text)).toBeUndefined();
	});
});
