import { describe, expect, it } from "vitest";
import { TaskStatus } from "../../lambda/core/task.ts";
import { isFinal, nextStatus, type TaskEvent } from "../../lambda/core/task-state.ts";

const EVENTS: readonly TaskEvent[] = [
	"claim",
	"release",
	"cancel",
	"succeed",
	"retry_later",
	"give_up",
	"reopen",
];

const allowed: readonly (readonly [TaskStatus, TaskEvent, TaskStatus])[] = [
	["pending", "claim", "active"],
	["pending", "cancel", "cancelled"],
	["active", "claim", "active"],
	["active", "release", "pending"],
	["active", "succeed", "completed"],
	["active", "retry_later", "pending"],
	["active", "give_up", "failed"],
	["failed", "reopen", "pending"],
];

const everyTransition = TaskStatus.options.flatMap((status) =>
	EVENTS.map((event) => [status, event, nextStatus(status, event)] as const),
);

describe("the life of a task", () => {
	it.each(allowed)("leads from %s by %s to %s", (status, event, next) => {
		expect(nextStatus(status, event)).toBe(next);
	});

	it("has no other way from one status to another", () => {
		expect(everyTransition.filter(([, , next]) => next !== undefined)).toEqual(allowed);
	});

	it.each(["completed", "cancelled"] as const)("ends with %s: nothing leads out of it", (status) => {
		expect(EVENTS.map((event) => nextStatus(status, event))).toEqual(EVENTS.map(() => undefined));
	});

	it("lets a task be cancelled only before it is called", () => {
		const cancellable = TaskStatus.options.filter((status) => nextStatus(status, "cancel") !== undefined);
		expect(cancellable).toEqual(["pending"]);
	});

	it("reaches every status from pending", () => {
		const reached = new Set<TaskStatus>(["pending"]);
		for (const status of reached) {
			for (const event of EVENTS) reached.add(nextStatus(status, event) ?? status);
		}
		expect([...reached].sort()).toEqual([...TaskStatus.options].sort());
	});

	it("is over when no call can follow by itself", () => {
		expect(TaskStatus.options.filter(isFinal)).toEqual(["completed", "failed", "cancelled"]);
	});
});
