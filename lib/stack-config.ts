import { RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import * as z from "zod";
import { CidrList } from "../lambda/core/cidr.ts";
import { PortList } from "../lambda/core/denied-ports.ts";
import { QueueList } from "../lambda/core/metric-queues.ts";
import { type RequestLimit, RequestLimitText } from "../lambda/core/request-limit.ts";

/** What a stage decides unless the context says otherwise. */
const STAGES = {
	/** To try things out: `cdk destroy` leaves nothing behind. */
	dev: { concurrency: 10, apiRateLimit: 100, apiBurstLimit: 200, logRetentionDays: RetentionDays.ONE_WEEK },
	/** To rely on: tasks and keys survive a deleted stack. */
	prod: {
		concurrency: 100,
		apiRateLimit: 1_000,
		apiBurstLimit: 2_000,
		logRetentionDays: RetentionDays.THREE_MONTHS,
	},
} as const;

const flag = z.union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"] })], {
	error: "must be true or false",
});
const whole = (min: number, max: number) =>
	z.coerce
		.number({ error: `must be a whole number from ${min} to ${max}` })
		.int(`must be a whole number from ${min} to ${max}`)
		.min(min, `must be at least ${min}`)
		.max(max, `must be at most ${max}`);
const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
	z.enum(values, { error: `must be ${values.join(" or ")}` });
/** Text that the functions will read with `schema`: its faults are found here, and it is passed on as it was written. */
const readableBy = (schema: z.ZodType<unknown, string>) =>
	z.coerce.string().superRefine((text, context) => {
		for (const { message } of schema.safeParse(text).error?.issues ?? []) context.addIssue(message);
	});

const StackContext = z
	.strictObject({
		stage: oneOf(["dev", "prod"]).default("dev"),
		name: z
			.string()
			.regex(/^[A-Za-z][A-Za-z0-9-]{0,39}$/, "must be 1 to 40 letters, digits or hyphens, a letter first")
			.default("AsyncQueue"),
		frontDoor: oneOf(["http-api", "function-url"]).default("http-api"),
		concurrency: whole(2, 1_000).optional(),
		apiRateLimit: whole(1, 10_000).optional(),
		apiBurstLimit: whole(1, 5_000).optional(),
		apiConcurrency: whole(1, 1_000).optional(),
		teamRateLimit: RequestLimitText.optional(),
		logLevel: oneOf(["debug", "info", "warn", "error"]).default("info"),
		metrics: flag.default(true),
		metricQueues: z.coerce.string().pipe(QueueList).optional(),
		monitoring: flag.default(true),
		alarmTopicArn: z
			.string()
			.regex(/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/, "must be the ARN of an SNS topic")
			.optional(),
		allowPrivateWebhooks: flag.default(false),
		allowCidrs: readableBy(CidrList).optional(),
		denyPorts: readableBy(PortList).optional(),
	})
	.refine(({ stage, allowPrivateWebhooks }) => !(stage === "prod" && allowPrivateWebhooks), {
		path: ["allowPrivateWebhooks"],
		error: "is for emulators and tests; stage prod refuses it",
	})
	.refine(({ allowPrivateWebhooks, allowCidrs }) => !(allowPrivateWebhooks && allowCidrs), {
		path: ["allowCidrs"],
		error: "means nothing while allowPrivateWebhooks allows all addresses",
	})
	.refine(({ metrics, metricQueues }) => metrics || metricQueues === undefined, {
		path: ["metricQueues"],
		error: "means nothing without metrics",
	})
	.refine(({ monitoring, alarmTopicArn }) => monitoring || alarmTopicArn === undefined, {
		path: ["alarmTopicArn"],
		error: "means nothing without monitoring",
	});

/** How one deployment is set up, read from the CDK context. */
export type StackConfig = Readonly<{
	stage: "dev" | "prod";
	/** `<name>-<stage>`. */
	stackName: string;
	frontDoor: "http-api" | "function-url";
	/** Invocations of the delivery function per lane, at most; each makes up to ten calls at a time. */
	concurrency: number;
	/** Requests a second and burst that the HTTP API lets through. */
	apiRateLimit: number;
	apiBurstLimit: number;
	/** Invocations of the API function at a time, kept for it and at most; without it, what the account has left. */
	apiConcurrency?: number | undefined;
	/** What each team may ask of the API; without it, as much as it likes. */
	teamRateLimit?: RequestLimit | undefined;
	logLevel: "debug" | "info" | "warn" | "error";
	logRetentionDays: RetentionDays;
	/** Whether the functions write metrics. */
	metrics: boolean;
	/** Queues that have metrics of their own besides. */
	metricQueues?: readonly string[] | undefined;
	/** Whether there are alarms and a dashboard. */
	monitoring: boolean;
	/** What alarms are published to; without it, a topic of the stack's own. */
	alarmTopicArn?: string | undefined;
	/** Whether webhooks may use http and private addresses. */
	allowPrivateWebhooks: boolean;
	/** Networks that webhooks may be in besides, comma separated. */
	allowCidrs?: string | undefined;
	/** Ports that are never called, comma separated; without it the default list. */
	denyPorts?: string | undefined;
	/** Whether table, signing key and logs go when the stack goes. */
	removalPolicy: RemovalPolicy.DESTROY | RemovalPolicy.RETAIN;
	isProtected: boolean;
}>;

/** Our settings are single words; everything the CDK itself puts into the context has a punctuation mark. */
const isSetting = (key: string): boolean => /^[A-Za-z]+$/.test(key);

const settingsOf = (node: Node): Record<string, unknown> =>
	Object.fromEntries(Object.entries(node.getAllContext()).filter(([key]) => isSetting(key)));

/** Reads the context once. Throws an Error that names every setting that is wrong or unknown. */
export const readStackConfig = (node: Node): StackConfig => {
	const result = StackContext.safeParse(settingsOf(node));
	if (!result.success) {
		const faults = result.error.issues.map((issue) =>
			issue.code === "unrecognized_keys"
				? `  ${issue.keys.join(", ")}: unknown; known are ${Object.keys(StackContext.shape).join(", ")}`
				: `  ${issue.path.join(".")}: ${issue.message}`,
		);
		throw new Error(`These context settings (-c name=value) are not usable:\n${faults.join("\n")}`);
	}
	const { name, ...settings } = result.data;
	const defaults = STAGES[settings.stage];
	const isProtected = settings.stage === "prod";
	return {
		...settings,
		stackName: `${name}-${settings.stage}`,
		concurrency: settings.concurrency ?? defaults.concurrency,
		apiRateLimit: settings.apiRateLimit ?? defaults.apiRateLimit,
		apiBurstLimit: settings.apiBurstLimit ?? defaults.apiBurstLimit,
		logRetentionDays: defaults.logRetentionDays,
		removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
		isProtected,
	};
};
