import { readFileSync } from "node:fs";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { METRIC_NAMESPACE } from "../../lambda/adapters/aws/embedded-metrics.ts";
import { METRIC_NAMES } from "../../lambda/core/metric.ts";
import { type Dimension, emittedWith, nameOf } from "./emitted-metrics.ts";
import { onlyResource, readable, resourcesByPath } from "./resources.ts";
import { synthesize } from "./synthesis.ts";

type WatchedMetric = Readonly<{ Namespace: string; MetricName: string; Dimensions: readonly Dimension[] }>;
type AlarmProperties = Readonly<{
	Threshold: number;
	EvaluationPeriods: number;
	AlarmDescription: string;
	AlarmActions: readonly string[];
	OKActions: readonly string[];
	TreatMissingData: string;
	ExtendedStatistic?: string;
}> &
	Partial<WatchedMetric>;

const RUNBOOK = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
const COSTS = readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8");

const alarmsOf = (template: Template): Record<string, AlarmProperties> =>
	Object.fromEntries(
		Object.entries(resourcesByPath(template, "AWS::CloudWatch::Alarm")).map(([path, { Properties }]) => [
			path.replace("Alarms/", ""),
			readable(template, Properties) as AlarmProperties,
		]),
	);

const metricsOf = ({ Namespace, MetricName, Dimensions }: AlarmProperties): WatchedMetric[] =>
	Namespace && MetricName && Dimensions ? [{ Namespace, MetricName, Dimensions }] : [];

const template = synthesize();
const alarms = alarmsOf(template);

describe("alarms", () => {
	test("are deployed unless somebody does without them", () => {
		expect(Object.keys(alarms).toSorted()).toStrictEqual([
			"ApiErrors",
			"ApiThrottles",
			"DeadLettersHigh",
			"DeadLettersLow",
			"DeadLettersNormal",
			"DeadLettersSchedules",
			"DeadLettersWork",
			"DeliverErrors",
			"DeliverThrottles",
			"DrainErrors",
			"DrainThrottles",
			"FailedTasks",
			"Faults",
			"OldestHighMessage",
			"OldestLowMessage",
			"OldestNormalMessage",
			"OldestWorkMessage",
			"Quarantine",
			"ReconcileErrors",
			"ReconcileThrottles",
			"ScheduleLag",
			"ScheduleTargetErrors",
			"SchedulesDropped",
			"StalledWork",
			"WorkErrors",
			"WorkThrottles",
		]);
		const none = synthesize({ monitoring: "false" });
		expect(alarmsOf(none)).toStrictEqual({});
		expect(resourcesByPath(none, "AWS::CloudWatch::Dashboard")).toStrictEqual({});
		expect(resourcesByPath(none, "AWS::SNS::Topic")).toStrictEqual({});
	});

	test.each([
		["ScheduleLag", { Threshold: 1_000, EvaluationPeriods: 3, ExtendedStatistic: "p99", Period: 300 }],
		["FailedTasks", { Threshold: 10, EvaluationPeriods: 1, Statistic: "Sum" }],
		["StalledWork", { Threshold: 1, EvaluationPeriods: 1, Statistic: "Sum" }],
		["Quarantine", { Threshold: 1, EvaluationPeriods: 1, Statistic: "Maximum" }],
		["SchedulesDropped", { Threshold: 1, Statistic: "Sum" }],
		["DeadLettersWork", { Threshold: 900, Statistic: "Maximum" }],
		["DeliverErrors", { Threshold: 1, Statistic: "Sum", EvaluationPeriods: 1 }],
		// Above the longest delay of a message (900 s), and its return when a worker dies (180 s).
		["OldestHighMessage", { Threshold: 2_400, Statistic: "Maximum" }],
	])("%s: %j", (id, properties) => {
		expect(alarms[id]).toMatchObject({
			...properties,
			ComparisonOperator: "GreaterThanOrEqualToThreshold",
			TreatMissingData: "notBreaching",
		});
	});

	test("watch what the functions really write, or what AWS says of our resources", () => {
		const emitted = emittedWith(template);
		expect(emitted.size).toBe(METRIC_NAMES.length);
		const watched = Object.values(alarms).flatMap(metricsOf);
		const ours = watched.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE);
		expect(ours).toHaveLength(4);
		for (const { MetricName, Dimensions } of ours) expect(emitted).toContain(nameOf(MetricName, Dimensions));
		const theirs = watched.filter((metric) => !ours.includes(metric));
		expect(new Set(theirs.map(({ Namespace }) => Namespace))).toStrictEqual(
			new Set(["AWS/SQS", "AWS/Lambda", "AWS/Scheduler"]),
		);
		// References, which CloudFormation fills in.
		for (const { Dimensions } of theirs)
			expect(Dimensions.map(({ Value }) => Value).join()).toMatch(/^<.+>$/);
	});

	test("watch every lane, every dead-letter queue and every function", () => {
		const values = Object.values(alarms)
			.flatMap(metricsOf)
			.flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => Value));
		const resources = ["AWS::SQS::Queue", "AWS::Lambda::Function"].flatMap((type) =>
			Object.keys(resourcesByPath(template, type)).map((path) => `<${path}>`),
		);
		expect(resources.filter((path) => !values.includes(path))).toStrictEqual([]);
	});

	test("leave out what is not measured where metrics are off", () => {
		const without = Object.values(alarmsOf(synthesize({ metrics: "false" }))).flatMap(metricsOf);
		expect(without.map(({ Namespace }) => Namespace)).not.toContain(METRIC_NAMESPACE);
		expect(without.length).toBeGreaterThan(0);
	});

	test("have a section of the runbook each, which they name", () => {
		for (const [id, { AlarmDescription }] of Object.entries(alarms)) {
			const [, anchor = ""] = /docs\/operations\.md#([\w-]+)$/.exec(AlarmDescription) ?? [];
			const headings = [...RUNBOOK.matchAll(/^### (.+)$/gm)].map(([, text = ""]) => text);
			expect(headings, `${id} → ${anchor}`).toContain(anchor);
			const section = RUNBOOK.split(`\n### ${anchor}\n`)[1]?.split(/\n##/)[0] ?? "";
			expect(section.length, anchor).toBeGreaterThan(150);
		}
	});

	test("cost what the documentation says", () => {
		const billed = Object.values(alarms).flatMap(metricsOf).length;
		const text = `${billed} alarms: $${(billed * 0.1).toFixed(2)} a month`;
		expect(billed).toBe(Object.keys(alarms).length);
		expect(COSTS.includes(text), `docs/costs.md says: ${text}`).toBe(true);
	});
});

describe("whoever is to be told", () => {
	test("subscribes to a topic, which alarms of this account may publish to, over TLS", () => {
		const { PolicyDocument } = onlyResource(template, "AWS::SNS::TopicPolicy").Properties;
		expect(readable(template, PolicyDocument.Statement)).toMatchObject([
			{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
			{
				Effect: "Allow",
				Action: "sns:Publish",
				Principal: { Service: "cloudwatch.amazonaws.com" },
				Condition: { StringEquals: { "aws:SourceAccount": "<AWS::AccountId>" } },
			},
		]);
		for (const { AlarmActions, OKActions } of Object.values(alarms)) {
			expect(AlarmActions).toStrictEqual(["<Alarms/Topic>"]);
			expect(OKActions).toStrictEqual(AlarmActions);
		}
		expect(readable(template, template.toJSON()["Outputs"].AlarmTopicArn.Value)).toBe("<Alarms/Topic>");
	});

	test("may have a topic already", () => {
		const alarmTopicArn = "arn:aws:sns:us-east-1:123456789012:on-call";
		const told = synthesize({ alarmTopicArn });
		expect(resourcesByPath(told, "AWS::SNS::Topic")).toStrictEqual({});
		for (const { AlarmActions } of Object.values(alarmsOf(told)))
			expect(AlarmActions).toStrictEqual([alarmTopicArn]);
	});
});

describe("the dashboard", () => {
	/** Metrics of ours in its widgets, whose dimensions are name, value, name, value. */
	const shownBy = (shown: Template): string[] => {
		const { DashboardBody } = onlyResource(shown, "AWS::CloudWatch::Dashboard").Properties;
		const { widgets } = JSON.parse(readable(shown, DashboardBody) as string);
		return widgets.flatMap(({ properties }: { properties: { metrics?: string[][] } }) =>
			(properties.metrics ?? []).flatMap(([namespace, metric = "", ...rest]) => {
				const texts = rest.filter((each) => typeof each === "string");
				const dimensions = texts.flatMap((Name, index) =>
					index % 2 ? [] : [{ Name, Value: texts[index + 1] ?? "" }],
				);
				return namespace === METRIC_NAMESPACE ? [nameOf(metric, dimensions)] : [];
			}),
		);
	};

	test("shows everything that the functions write", () => {
		const emitted = emittedWith(template);
		expect(new Set(shownBy(template))).toStrictEqual(emitted);
	});

	test("shows what fails and lags by queue, of queues that have metrics", () => {
		const perQueue = synthesize({ metricQueues: "orders,emails" });
		const emitted = emittedWith(perQueue);
		const shown = shownBy(perQueue);
		expect(shown.filter((name) => !emitted.has(name))).toStrictEqual([]);
		expect(shown).toContain("lag_ms{queue=orders,stack=AsyncQueue-dev}");
		expect(shown).toContain("failed{queue=(other),stack=AsyncQueue-dev}");
	});
});

test("settings that mean nothing are refused", () => {
	expect(() => synthesize({ metrics: "false", metricQueues: "orders" })).toThrow(
		"metricQueues: means nothing without",
	);
	expect(() =>
		synthesize({ monitoring: "false", alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:x" }),
	).toThrow("alarmTopicArn: means nothing without");
	expect(() => synthesize({ alarmTopicArn: "on-call" })).toThrow(
		"alarmTopicArn: must be the ARN of an SNS topic",
	);
	expect(() => synthesize({ metricQueues: "my queue" })).toThrow("metricQueues.0: must be 1-64");
});
