import { describe, expect, test } from "vitest";
import { readAwsConfig } from "../../lambda/adapters/aws/config.ts";
import { BAD_PORTS } from "../../lambda/core/denied-ports.ts";
import { type Resource, readable, resourcesByPath } from "./resources.ts";
import { synthesize } from "./synthesis.ts";

const template = synthesize({ logLevel: "warn" });
const functions = resourcesByPath(template, "AWS::Lambda::Function");

const variablesOf = ({ Properties }: Resource): Record<string, string> =>
	readable(template, Properties["Environment"].Variables) as Record<string, string>;

/** What CloudFormation puts in the place of references, roughly. */
const deployed = (variables: Record<string, string>): Record<string, string> =>
	Object.fromEntries(
		Object.entries(variables).map(([name, value]) => [
			name,
			value.replace(/<(.+)>/, name.includes("URL") ? "https://sqs.example/$1" : "arn:aws:x:::$1"),
		]),
	);

test("five functions are deployed", () => {
	expect(Object.keys(functions).toSorted()).toStrictEqual([
		"Api/Api",
		"DeadLetterDrain/Drain",
		"Delivery/Deliver",
		"Reconcile/Reconcile",
		"Work/Work",
	]);
});

describe.each(Object.entries(functions))("%s", (path, resource) => {
	const { Properties } = resource;

	test("runs on Node 24 and arm64, without tracing", () => {
		expect(Properties).toMatchObject({
			Runtime: "nodejs24.x",
			Architectures: ["arm64"],
			Handler: "index.handler",
		});
		expect(Properties).not.toHaveProperty("TracingConfig");
	});

	test("writes JSON to a log of its own", () => {
		expect(readable(template, Properties["LoggingConfig"])).toStrictEqual({
			LogGroup: `<${path}Log>`,
			LogFormat: "JSON",
			ApplicationLogLevel: "TRACE",
			SystemLogLevel: "WARN",
		});
	});

	test("is told where everything is", () => {
		expect(variablesOf(resource)).toStrictEqual({
			TABLE_NAME: "<Storage/Table>",
			KMS_KEY_ID: "<SigningKey/Key>",
			QUEUE_URL_HIGH: "<Lanes/High>",
			QUEUE_URL_NORMAL: "<Lanes/Normal>",
			QUEUE_URL_LOW: "<Lanes/Low>",
			WORK_QUEUE_URL: "<WorkQueue/Queue>",
			SCHEDULER_GROUP: "<Schedule/Group>",
			SCHEDULER_ROLE_ARN: "<Schedule/Role>",
			SCHEDULER_DLQ_ARN: "<DeadLetters/Schedules>",
			ALLOW_PRIVATE_WEBHOOKS: "false",
			LOG_LEVEL: "warn",
			METRICS_STACK: "AsyncQueue-dev",
		});
	});

	test("understands what it is told", () => {
		expect(readAwsConfig(deployed(variablesOf(resource)))).toMatchObject({
			addressPolicy: { allowPrivate: false, allowedCidrs: [], deniedPorts: BAD_PORTS },
			logLevel: "warn",
			scheduler: { group: expect.any(String) },
		});
	});
});

test("all functions know which networks are allowed and which ports are denied", () => {
	const settings = { allowCidrs: "10.0.0.0/8,fd12:3456::/32", denyPorts: "default,6379" };
	const configured = resourcesByPath(synthesize(settings), "AWS::Lambda::Function");
	for (const { Properties } of Object.values(configured))
		expect(Properties["Environment"].Variables).toMatchObject({
			ALLOW_CIDRS: settings.allowCidrs,
			DENY_PORTS: settings.denyPorts,
		});
});

test("a limit of each team's requests is told to the functions, as they understand it", () => {
	const limited = synthesize({ teamRateLimit: "600/60" });
	for (const { Properties } of Object.values(resourcesByPath(limited, "AWS::Lambda::Function"))) {
		const variables = readable(limited, Properties["Environment"].Variables) as Record<string, string>;
		expect(readAwsConfig(deployed(variables)).teamRateLimit).toStrictEqual({ requests: 600, seconds: 60 });
	}
});
