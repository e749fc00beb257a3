import { describe, expect, it } from "vitest";
import { measurementsOf } from "../../lambda/core/metric.ts";

const attempted = { queue: "orders", attempt: 1, lag_ms: 34, duration_ms: 203, next: "succeed" };
const queue = "orders";

describe("what an attempt measures", () => {
	it.each([
		["succeed", "delivered"],
		["retry_later", "retried"],
		["give_up", "failed"],
	])("is one more, when %s follows, of %s", (next, metric) => {
		expect(measurementsOf("info", "delivery.attempted", { ...attempted, next })).toEqual([
			{ metric, value: 1, queue },
			{ metric: "duration_ms", value: 203, queue },
			{ metric: "lag_ms", value: 34, queue },
		]);
	});

	it.each([
		["a later attempt", { attempt: 2 }],
		["a task that has waited in line", { parked: true }],
	])("is no lag of the service's in %s", (_, changes) => {
		const metrics = measurementsOf("info", "delivery.attempted", { ...attempted, ...changes });
		expect(metrics.map(({ metric }) => metric)).toEqual(["delivered", "duration_ms"]);
	});

	it("is no lag below zero, and nothing of what follows unless that is known", () => {
		const fields = { ...attempted, lag_ms: -5, next: "?" };
		expect(measurementsOf("info", "delivery.attempted", fields)).toEqual([
			{ metric: "duration_ms", value: 203, queue },
			{ metric: "lag_ms", value: 0, queue },
		]);
	});
});

describe("what other events measure", () => {
	it.each([
		["task.created", { queue, tasks: 7 }, [{ metric: "created", value: 7, queue }]],
		["delivery.parked", { queue, tasks: 3 }, [{ metric: "parked", value: 3, queue }]],
		["drain.handled", { queue, result: "closed" }, [{ metric: "failed", value: 1, queue }]],
		["drain.handled", { result: "closed" }, [{ metric: "failed", value: 1 }]],
		["drain.handled", { queue, result: "resumed" }, []],
		["reconcile.finished", { stalled: 2, jobs: 1 }, [{ metric: "stalled", value: 3 }]],
		["reconcile.finished", {}, [{ metric: "stalled", value: 0 }]],
		["delivery.refused", { queue }, []],
	])("%s %j: %j", (event, fields, measurements) => {
		expect(measurementsOf("info", event, fields)).toEqual(measurements);
	});

	it("is a fault if, and only if, it is an error", () => {
		const fault = { metric: "faults", value: 1 };
		expect(measurementsOf("error", "api.failed", {})).toEqual([fault]);
		expect(measurementsOf("error", "pump.message_failed", { result: "closed" })).toEqual([
			fault,
			{ metric: "failed", value: 1 },
		]);
		for (const level of ["debug", "info", "warn"] as const)
			expect(measurementsOf(level, "delivery.postponed", {})).toEqual([]);
	});
});
