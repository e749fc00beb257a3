import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasChanged, pausesOf } from "../../lambda/core/task-wait.ts";
import { aTask } from "./a-task.ts";

describe("the pauses between looks at a task", () => {
	it("grow from 100 ms to a second", () => {
		const pauses = [...pausesOf(20_000)];
		expect(pauses.slice(0, 3)).toEqual([100, 150, 225]);
		expect(pauses.at(-2)).toBe(1_000);
		expect(pauses.length).toBeLessThanOrEqual(25);
	});

	it("are together as long as the wait, and none of them longer than a second", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 20 }), (seconds) => {
				const pauses = [...pausesOf(seconds * 1_000)];
				expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeCloseTo(seconds * 1_000);
				expect(pauses.every((pause) => pause > 0 && pause <= 1_000)).toBe(true);
			}),
		);
	});
});

describe("a task has changed", () => {
	const before = aTask({ status: "pending", attempt: 1 });

	it("when its status has, or when it is pending again after another attempt", () => {
		expect(hasChanged(before, aTask({ status: "active", attempt: 1 }))).toBe(true);
		expect(hasChanged(before, aTask({ status: "pending", attempt: 2 }))).toBe(true);
	});

	it("not otherwise", () => {
		expect(hasChanged(before, aTask({ status: "pending", attempt: 1, dueAt: before.dueAt + 1 }))).toBe(false);
	});
});
