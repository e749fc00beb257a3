import { describe, expect, it } from "vitest";
import {
	idempotencyItemKey,
	jobItemKey,
	jobKeyAt,
	taskItemKey,
	taskKeyAt,
	taskPartitions,
} from "../../lambda/adapters/aws/table-keys.ts";
import { QUEUE_SHARDS, taskIdFor } from "../../lambda/core/task-id.ts";

const ULID = "01JD8Z5W3Q4R6T7Y8V9J0N1P2";
const SHARD_ENDINGS = "01234567".split("");

describe("keys of the table", () => {
	it.each(["acme", "a#b", "T#x#ABCDEF#0", "größe\n"])(
		"finds team %j and id again from where a task is stored",
		(teamId) => {
			for (const ending of SHARD_ENDINGS) {
				const key = { teamId, taskId: taskIdFor(ULID + ending, "emails") };
				const itemKey = taskItemKey(key);
				expect(itemKey && taskKeyAt(itemKey)).toEqual(key);
			}
		},
	);

	it.each(["acme", "a#b", "J#x#emails", "größe\n"])(
		"finds the job of team %j again from where it is stored",
		(teamId) => {
			const key = { queue: { teamId, name: "re.ports_2-" }, jobId: "job_1" };
			expect(jobKeyAt(jobItemKey(key.queue, key.jobId))).toEqual(key);
		},
	);

	it("has a partition for each shard of a queue, and no other", () => {
		const used = SHARD_ENDINGS.map((ending) => {
			const taskId = taskIdFor(ULID + ending, "emails");
			return taskItemKey({ teamId: "acme", taskId })?.pk;
		});
		expect(used).toHaveLength(QUEUE_SHARDS);
		expect(taskPartitions("acme", ["emails"])).toEqual(used);
	});

	it("reads the partitions that two queues share once", () => {
		expect(taskPartitions("acme", ["queue-561", "queue-16911"])).toHaveLength(QUEUE_SHARDS);
		expect(taskPartitions("acme", ["queue-561", "queue-562"])).toHaveLength(2 * QUEUE_SHARDS);
	});

	it("finds no place for what is no task id", () => {
		expect(taskItemKey({ teamId: "acme", taskId: "task_1" })).toBeUndefined();
	});

	it("keeps keys of clients short", () => {
		expect(idempotencyItemKey("acme", "k".repeat(255)).pk).toHaveLength("I#acme#".length + 43);
	});
});
