import { describe, expect, test } from "vitest";
import {
	BATCH_SIZE,
	LEASE_SECONDS,
	MAX_CALL_SECONDS,
	MAX_RECEIVES,
	VISIBILITY_SECONDS,
	WORK_SECONDS,
	WORK_VISIBILITY_SECONDS,
} from "../../lambda/core/delivery-limits.ts";
import { readable, resourcesByPath } from "./resources.ts";
import { synthesize } from "./synthesis.ts";

const template = synthesize({ concurrency: "25" });

const functions = resourcesByPath(template, "AWS::Lambda::Function");
const queues = resourcesByPath(template, "AWS::SQS::Queue");

/** Event source mappings by the queue they read. */
const sources = Object.fromEntries(
	Object.values(resourcesByPath(template, "AWS::Lambda::EventSourceMapping")).map(({ Properties }) => [
		readable(template, Properties["EventSourceArn"]),
		readable(template, Properties) as Record<string, unknown>,
	]),
);

const redrive = (path: string): unknown => readable(template, queues[path]?.Properties["RedrivePolicy"]);

describe.each(["High", "Normal", "Low"])("the %s lane", (lane) => {
	test("hands full batches to the delivery function at once, and takes back only what failed", () => {
		expect(sources[`<Lanes/${lane}>`]).toMatchObject({
			FunctionName: "<Delivery/Deliver>",
			BatchSize: BATCH_SIZE,
			MaximumBatchingWindowInSeconds: 0,
			FunctionResponseTypes: ["ReportBatchItemFailures"],
		});
	});

	test("has consumers of its own, as many as configured, so that no lane can starve another", () => {
		expect(sources[`<Lanes/${lane}>`]).toMatchObject({ ScalingConfig: { MaximumConcurrency: 25 } });
	});

	test("keeps a message hidden until its claim has run out", () => {
		expect(queues[`Lanes/${lane}`]?.Properties["VisibilityTimeout"]).toBe(VISIBILITY_SECONDS);
		expect(VISIBILITY_SECONDS).toBeGreaterThan(LEASE_SECONDS);
	});

	test("has a dead-letter queue of its own, which the drain empties", () => {
		expect(redrive(`Lanes/${lane}`)).toStrictEqual({
			deadLetterTargetArn: `<DeadLetters/${lane}>`,
			maxReceiveCount: MAX_RECEIVES,
		});
		expect(sources[`<DeadLetters/${lane}>`]).toMatchObject({ FunctionName: "<DeadLetterDrain/Drain>" });
	});
});

describe("the work queue", () => {
	const timeout = functions["Work/Work"]?.Properties["Timeout"];

	test("hands one message at a time to the work function, and takes it back if it failed", () => {
		expect(sources["<WorkQueue/Queue>"]).toMatchObject({
			FunctionName: "<Work/Work>",
			BatchSize: 1,
			MaximumBatchingWindowInSeconds: 0,
			FunctionResponseTypes: ["ReportBatchItemFailures"],
			ScalingConfig: { MaximumConcurrency: 25 },
		});
	});

	test("keeps a message hidden until its invocation has ended for certain", () => {
		expect(queues["WorkQueue/Queue"]?.Properties["VisibilityTimeout"]).toBe(WORK_VISIBILITY_SECONDS);
		expect(WORK_VISIBILITY_SECONDS).toBeGreaterThan(timeout);
	});

	test("has a dead-letter queue of its own, which the drain empties", () => {
		expect(redrive("WorkQueue/Queue")).toStrictEqual({
			deadLetterTargetArn: "<DeadLetters/Work>",
			maxReceiveCount: MAX_RECEIVES,
		});
		expect(sources["<DeadLetters/Work>"]).toMatchObject({ FunctionName: "<DeadLetterDrain/Drain>" });
	});

	test("gives its function time for the longest call that begins last", () => {
		expect(timeout).toBeGreaterThanOrEqual(WORK_SECONDS + LEASE_SECONDS);
		expect(timeout).toBeLessThanOrEqual(900);
	});
});

describe("the delivery function", () => {
	test("may send to the queues it reads as often as it takes: Lambda would stop it after 16 rounds", () => {
		expect(functions["Delivery/Deliver"]?.Properties["RecursiveLoop"]).toBe("Allow");
		expect(functions["DeadLetterDrain/Drain"]?.Properties["RecursiveLoop"]).toBe("Allow");
		expect(functions["Work/Work"]?.Properties["RecursiveLoop"]).toBe("Allow");
	});

	test("outlasts the longest call, and no claim runs out while it lives", () => {
		const timeout = functions["Delivery/Deliver"]?.Properties["Timeout"];
		expect(timeout).toBeGreaterThan(MAX_CALL_SECONDS);
		expect(timeout).toBeLessThanOrEqual(LEASE_SECONDS);
		expect(timeout).toBeLessThan(VISIBILITY_SECONDS);
	});
});

describe("dead letters", () => {
	const DRAINED = ["High", "Normal", "Low", "Schedules", "Work"];

	test.each(DRAINED)("of %s are drained a few at a time", (name) => {
		const drainTimeout = functions["DeadLetterDrain/Drain"]?.Properties["Timeout"];
		expect(sources[`<DeadLetters/${name}>`]).toMatchObject({
			BatchSize: BATCH_SIZE,
			FunctionResponseTypes: ["ReportBatchItemFailures"],
			ScalingConfig: { MaximumConcurrency: 2 },
		});
		expect(queues[`DeadLetters/${name}`]?.Properties["VisibilityTimeout"]).toBeGreaterThanOrEqual(
			6 * drainTimeout,
		);
	});

	test.each(DRAINED)("of %s that even the drain cannot handle go to quarantine, not away", (name) => {
		expect(redrive(`DeadLetters/${name}`)).toStrictEqual({
			deadLetterTargetArn: "<DeadLetters/Quarantine>",
			maxReceiveCount: expect.any(Number),
		});
	});

	test("reach the drain even if SQS goes on counting the receives of the lane", () => {
		for (const name of DRAINED) {
			const { maxReceiveCount } = redrive(`DeadLetters/${name}`) as { maxReceiveCount: number };
			expect(maxReceiveCount).toBeGreaterThan(MAX_RECEIVES);
		}
	});

	test("in quarantine are kept as long as SQS can, and nothing consumes them", () => {
		expect(queues["DeadLetters/Quarantine"]?.Properties["MessageRetentionPeriod"]).toBe(14 * 86_400);
		expect(redrive("DeadLetters/Quarantine")).toBeUndefined();
		expect(sources["<DeadLetters/Quarantine>"]).toBeUndefined();
	});

	test("outlive the messages of the queues they come from", () => {
		const kept = (path: string): number => queues[path]?.Properties["MessageRetentionPeriod"];
		for (const lane of ["High", "Normal", "Low"])
			expect(kept(`DeadLetters/${lane}`)).toBeGreaterThan(kept(`Lanes/${lane}`));
		expect(kept("DeadLetters/Work")).toBeGreaterThan(kept("WorkQueue/Queue"));
	});
});

test("reconciliation runs every day, for as long as Lambda lets it", () => {
	const [rule] = Object.values(resourcesByPath(template, "AWS::Events::Rule"));
	expect(rule?.Properties).toMatchObject({ ScheduleExpression: "rate(1 day)", State: "ENABLED" });
	expect(readable(template, rule?.Properties["Targets"])).toMatchObject([{ Arn: "<Reconcile/Reconcile>" }]);
	expect(functions["Reconcile/Reconcile"]?.Properties["Timeout"]).toBe(900);
});
