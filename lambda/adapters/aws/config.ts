import * as z from "zod";
import { type AddressPolicy, addressPolicy } from "../../core/address-policy.ts";
import { CidrList } from "../../core/cidr.ts";
import { BAD_PORTS, PortList } from "../../core/denied-ports.ts";
import { QueueList } from "../../core/metric-queues.ts";
import { type RequestLimit, RequestLimitText } from "../../core/request-limit.ts";
import { parseEnvironment } from "../environment.ts";
import type { LaneUrls } from "./sqs-delivery-queue.ts";

const text = z.string().min(1);

/**
 * Where Lambda's runtime API listens, on 127.0.0.1 or, in newer runtimes, on 169.254.100.1: whoever calls it may answer
 * and end invocations.
 */
const RUNTIME_API_PORT = 9_001;

const AwsConfig = z.object({
	TABLE_NAME: text,
	QUEUE_URL_HIGH: z.url(),
	QUEUE_URL_NORMAL: z.url(),
	QUEUE_URL_LOW: z.url(),
	WORK_QUEUE_URL: z.url(),
	SCHEDULER_GROUP: text,
	SCHEDULER_ROLE_ARN: text.startsWith("arn:"),
	SCHEDULER_DLQ_ARN: text.startsWith("arn:"),
	KMS_KEY_ID: text,
	ALLOW_PRIVATE_WEBHOOKS: z.stringbool().default(false),
	ALLOW_CIDRS: CidrList.default([]),
	DENY_PORTS: PortList.default(BAD_PORTS),
	LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
	TEAM_RATE_LIMIT: RequestLimitText.optional(),
	METRICS_STACK: text.optional(),
	METRICS_QUEUES: QueueList.default([]),
});

/** What a deployed function knows of its stack, each from one environment variable. */
export type AwsConfig = Readonly<{
	tableName: string;
	queueUrls: LaneUrls;
	workQueueUrl: string;
	scheduler: Readonly<{
		/** Name of the schedule group. */
		group: string;
		roleArn: string;
		deadLetterArn: string;
	}>;
	/** Key that protects the data key: id or ARN. */
	kmsKeyId: string;
	addressPolicy: AddressPolicy;
	logLevel: "debug" | "info" | "warn" | "error" | "silent";
	/** What each team may ask of the API; without it, as much as it likes. */
	teamRateLimit?: RequestLimit | undefined;
	/** What the metrics are kept under; without it there are none. */
	metrics?: Readonly<{ stackName: string; queues: readonly string[] }> | undefined;
}>;

/** The runtime API's addresses are closed unless all are open; then its port is denied. */
const policyOf = ({ ALLOW_PRIVATE_WEBHOOKS, ALLOW_CIDRS, DENY_PORTS }: z.infer<typeof AwsConfig>) =>
	addressPolicy({
		allowPrivate: ALLOW_PRIVATE_WEBHOOKS,
		allowedCidrs: ALLOW_CIDRS,
		deniedPorts: ALLOW_PRIVATE_WEBHOOKS ? [...DENY_PORTS, RUNTIME_API_PORT] : DENY_PORTS,
	});

const metricsOf = ({ METRICS_STACK, METRICS_QUEUES }: z.infer<typeof AwsConfig>) =>
	METRICS_STACK === undefined ? undefined : { stackName: METRICS_STACK, queues: METRICS_QUEUES };

/** Reads the environment once. Throws an Error that names every variable that is missing or wrong. */
export const readAwsConfig = (env: Readonly<Record<string, string | undefined>>): AwsConfig => {
	const data = parseEnvironment(AwsConfig, env);
	return {
		tableName: data.TABLE_NAME,
		queueUrls: { high: data.QUEUE_URL_HIGH, normal: data.QUEUE_URL_NORMAL, low: data.QUEUE_URL_LOW },
		workQueueUrl: data.WORK_QUEUE_URL,
		scheduler: {
			group: data.SCHEDULER_GROUP,
			roleArn: data.SCHEDULER_ROLE_ARN,
			deadLetterArn: data.SCHEDULER_DLQ_ARN,
		},
		kmsKeyId: data.KMS_KEY_ID,
		addressPolicy: policyOf(data),
		logLevel: data.LOG_LEVEL,
		teamRateLimit: data.TEAM_RATE_LIMIT,
		metrics: metricsOf(data),
	};
};

/** The configuration of the Lambda function that this runs in. */
export const awsConfig = (): AwsConfig => readAwsConfig(process.env);
