import { afterEach, describe, expect, it, vi } from "vitest";

import { awsConfig, readAwsConfig } from "../../lambda/adapters/aws/config.ts";
import { limitingAwsPorts } from "../../lambda/adapters/aws/limiting-aws-ports.ts";
import { webhookAddressFault } from "../../lambda/core/address-policy.ts";
import { CidrList } from "../../lambda/core/cidr.ts";
import { BAD_PORTS } from "../../lambda/core/denied-ports.ts";

const ENVIRONMENT = {
	TABLE_NAME: "table",
	QUEUE_URL_HIGH: "https://sqs.eu-west-1.amazonaws.com/123456789012/high",
	QUEUE_URL_NORMAL: "https://sqs.eu-west-1.amazonaws.com/123456789012/normal",
	QUEUE_URL_LOW: "http://localhost:4566/000000000000/low",
	WORK_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/work",
	SCHEDULER_GROUP: "group",
	SCHEDULER_ROLE_ARN: "arn:aws:iam::123456789012:role/scheduler",
	SCHEDULER_DLQ_ARN: "arn:aws:sqs:eu-west-1:123456789012:dlq",
	KMS_KEY_ID: "1234abcd-12ab-34cd-56ef-1234567890ab",
};

describe("the configuration", () => {
	it("needs what the stack alone knows, and is safe by default", () => {
		expect(readAwsConfig(ENVIRONMENT)).toEqual({
			tableName: "table",
			queueUrls: {
				high: ENVIRONMENT.QUEUE_URL_HIGH,
				normal: ENVIRONMENT.QUEUE_URL_NORMAL,
				low: ENVIRONMENT.QUEUE_URL_LOW,
			},
			workQueueUrl: ENVIRONMENT.WORK_QUEUE_URL,
			scheduler: {
				group: "group",
				roleArn: ENVIRONMENT.SCHEDULER_ROLE_ARN,
				deadLetterArn: ENVIRONMENT.SCHEDULER_DLQ_ARN,
			},
			kmsKeyId: ENVIRONMENT.KMS_KEY_ID,
			addressPolicy: { allowPrivate: false, allowedCidrs: [], deniedPorts: BAD_PORTS },
			logLevel: "info",
		});
	});

	it("takes what a stage may change", () => {
		const changed = {
			...ENVIRONMENT,
			ALLOW_CIDRS: "10.0.0.0/8,fd12:3456::/32",
			DENY_PORTS: "25,9200",
			LOG_LEVEL: "debug",
			TEAM_RATE_LIMIT: "600/60",
		};
		expect(readAwsConfig(changed)).toMatchObject({
			addressPolicy: {
				allowPrivate: false,
				allowedCidrs: CidrList.parse("10.0.0.0/8,fd12:3456::/32"),
				deniedPorts: [25, 9_200],
			},
			logLevel: "debug",
			teamRateLimit: { requests: 600, seconds: 60 },
		});
	});

	it("denies the port of the Lambda runtime API where loopback is not closed, whatever else is denied", () => {
		const open = { ...ENVIRONMENT, ALLOW_PRIVATE_WEBHOOKS: "true" };
		for (const DENY_PORTS of ["none", "25", "default"]) {
			const { addressPolicy } = readAwsConfig({ ...open, DENY_PORTS });
			for (const host of ["127.0.0.1", "169.254.100.1", "localhost"]) {
				const runtime = new URL(`http://${host}:9001/2018-06-01/runtime/init/error`);
				expect(webhookAddressFault(runtime, addressPolicy)).toBe("must not use port 9001");
			}
			expect(webhookAddressFault(new URL("http://127.0.0.1:9002/"), addressPolicy)).toBeUndefined();
		}
	});

	it("has metrics under the name of its stack, and of the queues that are named", () => {
		expect(readAwsConfig(ENVIRONMENT).metrics).toBeUndefined();
		const metered = { ...ENVIRONMENT, METRICS_STACK: "AsyncQueue-prod" };
		expect(readAwsConfig(metered).metrics).toEqual({ stackName: "AsyncQueue-prod", queues: [] });
		const byQueue = { ...metered, METRICS_QUEUES: "orders,emails" };
		expect(readAwsConfig(byQueue).metrics?.queues).toEqual(["orders", "emails"]);
	});

	it("names every variable that is missing or wrong", () => {
		const { TABLE_NAME: _, ...rest } = ENVIRONMENT;
		const wrong = {
			...rest,
			QUEUE_URL_LOW: "low",
			SCHEDULER_DLQ_ARN: "dlq",
			ALLOW_CIDRS: "vpc",
			DENY_PORTS: "smtp",
		};
		expect(() => readAwsConfig(wrong)).toThrow(
			/TABLE_NAME: [\s\S]*QUEUE_URL_LOW: [\s\S]*SCHEDULER_DLQ_ARN: [\s\S]*ALLOW_CIDRS: "vpc"[\s\S]*DENY_PORTS: "smtp"/,
		);
	});
});

describe("the world of the API", () => {
	it("limits what teams may ask where its configuration says so, and else has nothing to ask", () => {
		const limited = { ...ENVIRONMENT, TEAM_RATE_LIMIT: "600/60" };
		expect(limitingAwsPorts(readAwsConfig(limited)).requestBudget?.limit).toEqual({
			requests: 600,
			seconds: 60,
		});
		expect(limitingAwsPorts(readAwsConfig(ENVIRONMENT)).requestBudget).toBeUndefined();
	});
});

describe("the configuration of a function", () => {
	afterEach(() => vi.unstubAllEnvs());

	it("is its environment", () => {
		for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
		expect(awsConfig()).toEqual(readAwsConfig(ENVIRONMENT));
	});
});
