import type { PriceName } from "./prices.ts";

type BilledUnit = Readonly<{ label: string; price: PriceName; digits: number }>;

/** Everything that is metered, in the order of a task's way. */
export const billedUnits = {
	httpApiRequests: { label: "HTTP API requests", price: "httpApiRequest", digits: 2 },
	apiInvocations: { label: "API function: invocations", price: "lambdaRequest", digits: 2 },
	apiGbSeconds: { label: "API function: GB-s", price: "lambdaGbSecond", digits: 4 },
	writeUnits: { label: "DynamoDB write units", price: "dynamoDbWrite", digits: 2 },
	readUnits: { label: "DynamoDB read units", price: "dynamoDbRead", digits: 2 },
	sqsSends: { label: "SQS sends", price: "sqsRequest", digits: 2 },
	sqsFairSends: { label: "  of these in a fair queue", price: "sqsFairRequest", digits: 2 },
	sqsReceives: { label: "SQS receives and deletes", price: "sqsRequest", digits: 2 },
	schedulerInvocations: { label: "Scheduler invocations", price: "schedulerInvocation", digits: 2 },
	kmsRequests: { label: "KMS requests", price: "kmsRequest", digits: 2 },
	deliverInvocations: { label: "delivery function: invocations", price: "lambdaRequest", digits: 2 },
	deliverGbSeconds: { label: "delivery function: GB-s", price: "lambdaGbSecond", digits: 4 },
	workInvocations: { label: "work function: invocations", price: "lambdaRequest", digits: 2 },
	workGbSeconds: { label: "work function: GB-s", price: "lambdaGbSecond", digits: 4 },
	logKilobytes: { label: "logs and metrics: KB", price: "logKilobyte", digits: 3 },
} as const satisfies Record<string, BilledUnit>;

export type BilledUnitName = keyof typeof billedUnits;
export const BILLED_UNIT_NAMES = Object.keys(billedUnits) as BilledUnitName[];

/** How much of everything was used, or is used per task. */
export type Usage = Readonly<Record<BilledUnitName, number>>;

export const usageOf = (amount: (unit: BilledUnitName) => number): Usage =>
	Object.fromEntries(BILLED_UNIT_NAMES.map((unit) => [unit, amount(unit)])) as Usage;

/** Logs are billed by the GB, which is taken for a thousand million bytes here. */
export const LOG_KILOBYTE = 1_000;

const KILOBYTE = 1_024;
const SQS_CHUNK_BYTES = 64 * KILOBYTE;
const HTTP_API_UNIT_BYTES = 512 * KILOBYTE;

const started = (bytes: number, unitBytes: number): number => Math.max(1, Math.ceil(bytes / unitBytes));

/** Requests that one API call of SQS is billed as: one per 64 KB begun. */
export const sqsRequests = (bytes: number): number => started(bytes, SQS_CHUNK_BYTES);

/** Requests that one call of an HTTP API is billed as: one per 512 KB begun. */
export const httpApiRequests = (bytes: number): number => started(bytes, HTTP_API_UNIT_BYTES);

const MIB_PER_GB = 1_024;
/** Memory at which a function has one processor (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). */
const MIB_PER_PROCESSOR = 1_769;

/** One invocation: how long it took here, and how much of that time the processor worked. */
export type Invocation = Readonly<{ wallMs: number; cpuMs: number }>;

/**
 * Milliseconds that Lambda would bill: a function of that memory gets a share of a processor, so what is work takes
 * longer there, and what is waiting does not. Whole milliseconds, the last one begun counts.
 */
export const billedMs = ({ wallMs, cpuMs }: Invocation, memoryMiB: number): number => {
	const slowdown = Math.max(1, MIB_PER_PROCESSOR / memoryMiB);
	return Math.ceil(wallMs + cpuMs * (slowdown - 1));
};

export const gbSeconds = (ms: number, memoryMiB: number): number => (ms / 1_000) * (memoryMiB / MIB_PER_GB);
