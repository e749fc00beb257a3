import { describe, expect, it } from "vitest";
import type { AwsConfig } from "../../lambda/adapters/aws/config.ts";
import { meteredFunction } from "../../lambda/adapters/aws/metered-function.ts";
import type { Log, Ports } from "../../lambda/ports.ts";

type Line = Record<string, unknown> & { _aws?: { CloudWatchMetrics: [Directive]; Timestamp: number } };
type Directive = { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit?: string }[] };

const ports = { clock: { now: () => 1_795_448_503_000 } } as Ports;
const delivered = { queue: "orders", attempt: 1, lag_ms: 34, duration_ms: 203, next: "succeed" };

/** What a function prints that does these things with its log, one invocation each. */
const printedBy = async (
	config: Pick<AwsConfig, "metrics"> & Partial<AwsConfig>,
	...invocations: ((log: Log) => void)[]
): Promise<Line[]> => {
	const lines: Line[] = [];
	const write = (text: string) => void lines.push(JSON.parse(text));
	const handlerOf =
		({ log }: Ports) =>
		async (act: (log: Log) => void) =>
			act(log);
	const settings = { logLevel: "silent", ...config } as AwsConfig;
	const handler = meteredFunction(settings, ports, handlerOf, { write });
	for (const act of invocations) await handler(act, {}).catch(() => undefined);
	return lines;
};

const metrics = { stackName: "AsyncQueue-dev", queues: [] };
const attempts = (count: number) => (log: Log) => {
	for (let made = 0; made < count; made += 1) log.info("delivery.attempted", delivered);
};

describe("the metrics of an invocation", () => {
	it("are one line in CloudWatch's embedded metric format, whatever is logged", async () => {
		const [line, ...more] = await printedBy({ metrics }, (log) => {
			attempts(2)(log);
			log.warn("delivery.attempted", { ...delivered, attempt: 3, next: "retry_later" });
		});
		expect(more).toEqual([]);
		expect(line).toEqual({
			_aws: {
				Timestamp: 1_795_448_503_000,
				CloudWatchMetrics: [
					{
						Namespace: "AsyncQueue",
						Dimensions: [["stack"]],
						Metrics: [
							{ Name: "delivered" },
							{ Name: "duration_ms", Unit: "Milliseconds" },
							{ Name: "lag_ms", Unit: "Milliseconds" },
							{ Name: "retried" },
						],
					},
				],
			},
			stack: "AsyncQueue-dev",
			delivered: 2,
			duration_ms: [203, 203, 203],
			lag_ms: [34, 34],
			retried: 1,
		});
	});

	it("do not mix with the next one's", async () => {
		const lines = await printedBy({ metrics }, attempts(2), attempts(1), () => undefined);
		expect(lines.map((line) => line["delivered"])).toEqual([2, 1]);
	});

	it("are written when it fails", async () => {
		const [line] = await printedBy({ metrics }, (log) => {
			log.error("api.failed", {});
			throw new Error("on purpose");
		});
		expect(line).toMatchObject({ faults: 1 });
	});

	it("are in lines of at most 100 values", async () => {
		const lines = await printedBy({ metrics }, attempts(250));
		const values = lines.flatMap((line) => [line["lag_ms"], line["duration_ms"]] as number[][]);
		expect(Math.max(...values.map(({ length }) => length))).toBe(100);
		expect(values.flat()).toHaveLength(500);
		expect(lines.reduce((sum, line) => sum + Number(line["delivered"]), 0)).toBe(250);
	});

	it("are those of the stack, and of the queues that are named, and of all others together", async () => {
		const config = { metrics: { ...metrics, queues: ["orders"] } };
		const lines = await printedBy(config, (log) => {
			for (const queue of ["orders", "emails", "reports"]) log.debug("task.created", { queue, tasks: 2 });
			log.error("api.failed", {});
		});
		expect(lines).toMatchObject([
			{ queue: "orders", created: 2 },
			{ queue: "(other)", created: 4 },
			{ faults: 1 },
		]);
		const dimensions = lines.map(({ _aws }) => _aws?.CloudWatchMetrics[0].Dimensions);
		expect(dimensions).toEqual([
			[["stack"], ["stack", "queue"]],
			[["stack"], ["stack", "queue"]],
			[["stack"]],
		]);
	});

	it("are none where nothing was counted, or where they are switched off", async () => {
		const nothing = (log: Log) => log.info("reconcile.finished", { stalled: 0, jobs: 0 });
		expect(await printedBy({ metrics }, nothing)).toEqual([]);
		expect(await printedBy({ metrics: undefined }, attempts(2))).toEqual([]);
	});

	it("show no key that somebody took for the name of a queue", async () => {
		const queue = `aq_live_${"k".repeat(32)}`;
		const config = { metrics: { ...metrics, queues: [queue] } };
		const lines = await printedBy(config, (log) => log.debug("task.created", { queue, tasks: 1 }));
		expect(JSON.stringify(lines)).not.toContain(queue);
	});
});

describe("the log of a function", () => {
	const ids = Array.from(
		{ length: 320 },
		(_, index) => `task_01M84H3ZNHNV02RC6QCBQABY9${"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[index % 32]}25ABN2V`,
	);
	const linesOf = (fields: object, logLevel: "info" | "debug" = "info") =>
		printedBy({ metrics: undefined, logLevel }, (log) => {
			for (const task_id of ids) log.info("delivery.attempted", { ...delivered, ...fields, task_id });
		});

	it("has a line of every eighth task that was delivered at once", async () => {
		const lines = await linesOf({});
		expect(lines).toHaveLength(ids.length / 8);
		expect(lines[0]).toMatchObject({ level: "info", event: "delivery.attempted", queue: "orders" });
	});

	it("has all of them at level debug, and of tasks that were not delivered at once", async () => {
		expect(await linesOf({}, "debug")).toHaveLength(ids.length);
		expect(await linesOf({ attempt: 2 })).toHaveLength(ids.length);
	});
});
