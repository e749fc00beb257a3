import { describe, expect, it } from "vitest";
import { LINE_SHARDS, lineShard, waitingRank } from "../../lambda/core/waiting-rank.ts";
import { NOW, TASK_ID } from "./a-task.ts";

const rank = (priority: number, waitedSeconds = 0): number =>
	waitingRank({ priority, due_at: NOW - waitedSeconds * 1_000 });

describe("the rank of a waiting message", () => {
	it("puts a higher priority first", () => {
		const ranks = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((priority) => rank(priority));
		expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
		expect(new Set(ranks).size).toBe(10);
	});

	it("puts the longer wait first within a priority", () => {
		expect(rank(5, 1)).toBeLessThan(rank(5, 0));
	});

	it("makes a minute of waiting worth one level: nobody waits behind others for ever", () => {
		expect(rank(1, 9 * 60 - 1)).toBeGreaterThan(rank(10));
		expect(rank(1, 9 * 60 + 1)).toBeLessThan(rank(10));
	});
});

describe("the part of the line", () => {
	it("follows from the task's shard", () => {
		expect(lineShard(TASK_ID)).toBe(1);
		expect(lineShard(TASK_ID.replace("S1A", "S7A"))).toBe(7 % LINE_SHARDS);
	});

	it("is none for what is no task id", () => {
		expect(() => lineShard("task_1")).toThrow("task_1 is no task id");
	});
});
