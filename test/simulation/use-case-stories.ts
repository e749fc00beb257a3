import { AWS_FLOW_LIMITS } from "../../lambda/adapters/aws/flow-limits.ts";
import type { QueueSettings } from "../../lambda/core/queue.ts";
import type { ClusterShape } from "./cluster-shape.ts";
import type { Action, Disaster, Plan, PlannedEvent, PlannedQueue, PlannedTask } from "./plan.ts";
import type { Answer } from "./webhook-network.ts";

const SHAPE: ClusterShape = {
	precision: "aws",
	flowLimits: AWS_FLOW_LIMITS,
	api: 2,
	deliver: 2,
	work: 2,
	isOneProcess: false,
	batchSize: 10,
	maxClockOffsetMs: 0,
};

/** A use case told as a plan, with nothing in it that goes wrong by itself. */
export type Story = Readonly<{ name: string; plan: Plan }>;

const queueWith = (settings: Partial<QueueSettings>): PlannedQueue => ({
	team: "team-1",
	name: "queue-1",
	settings: { retry_delay: 1, timeout: 5, ...settings },
});

const QUEUE = queueWith({ max_retries: 2 });

const taskOf = (n: number, queue: PlannedQueue, changes: Partial<PlannedTask> = {}): PlannedTask => ({
	n,
	queue,
	delay: 0,
	priority: 5,
	maxRetries: undefined,
	answers: [],
	...changes,
});

const at = (seconds: number, action: Action): PlannedEvent => ({ at: seconds * 1_000, action });

const disasterAt = (seconds: number, kind: Disaster["kind"]): PlannedEvent => ({
	at: seconds * 1_000,
	disaster: { kind, pick: 0 },
});

const create = (tasks: readonly PlannedTask[], { isBatch = false, isIdempotent = false } = {}): Action => ({
	kind: "create",
	tasks,
	isBatch,
	isIdempotent,
});

const story = (name: string, queue: PlannedQueue, events: readonly PlannedEvent[]): Story => ({
	name,
	plan: { seed: 1, shape: SHAPE, queues: [queue], events, faultRate: 0, disturbedMs: 0 },
});

const answering = (...answers: Answer[]) => ({ answers });

const failing = answering("error", "error", "error");

/** Several tasks, asked for one right after the other. */
const several = (count: number, queue: PlannedQueue, changes: Partial<PlannedTask> = {}): PlannedEvent[] =>
	Array.from({ length: count }, (_, n) => at(n / 100, create([taskOf(n, queue, changes)])));

const limited = queueWith({ concurrency: 2 });
const rated = queueWith({ rate_limit: { limit: 2, per_seconds: 1 } });
const holding = queueWith({ respect_retry_after: "queue" });
const task = taskOf(0, QUEUE);

/** Each use case of the product, from a client's request to its last consequence. */
export const stories: readonly Story[] = [
	story("create and deliver", QUEUE, several(1, QUEUE)),
	story("create with an idempotency key", QUEUE, [at(0, create([task], { isIdempotent: true }))]),
	story("create a batch", QUEUE, [
		at(0, create([task, taskOf(1, QUEUE), taskOf(2, QUEUE, { delay: 3 })], { isBatch: true })),
	]),
	story("create a batch with an idempotency key", QUEUE, [
		at(0, create([task, taskOf(1, QUEUE)], { isBatch: true, isIdempotent: true })),
	]),
	story("deliver after some seconds", QUEUE, several(1, QUEUE, { delay: 5 })),
	story("deliver after hours", QUEUE, several(1, QUEUE, { delay: 7_200 })),
	story("deliver after failures", QUEUE, several(1, QUEUE, answering("error", "hang"))),
	story("give up", QUEUE, several(1, QUEUE, failing)),
	story("be rejected for good", QUEUE, several(1, QUEUE, answering("gone"))),
	story("hold a queue", holding, several(2, holding, answering("later"))),
	story("cancel", QUEUE, [...several(1, QUEUE, { delay: 5 }), at(1, { kind: "cancel", task })]),
	story("cancel what is scheduled", QUEUE, [
		...several(1, QUEUE, { delay: 7_200 }),
		at(1, { kind: "cancel", task }),
	]),
	story("retry by hand", QUEUE, [...several(1, QUEUE, failing), at(20, { kind: "retry", task })]),
	story("pause and resume", QUEUE, [
		at(0, { kind: "pause", queue: QUEUE, forMs: 3_000 }),
		at(7, create([task])),
		at(7, create([taskOf(1, QUEUE)])),
	]),
	story("change settings", QUEUE, [
		...several(1, QUEUE, failing),
		at(0.5, { kind: "patch", queue: QUEUE, settings: { max_retries: 1 } }),
	]),
	story("limit calls in flight", limited, several(5, limited)),
	story("limit the rate", rated, several(4, rated)),
	story("redrive", QUEUE, [
		...several(3, QUEUE, failing),
		at(20, { kind: "job", queue: QUEUE, job: "redrive", body: {} }),
	]),
	story("cancel a queue's tasks", QUEUE, [
		...several(3, QUEUE, { delay: 3_600 }),
		at(5, { kind: "job", queue: QUEUE, job: "cancel", body: {} }),
	]),
	story("purge", QUEUE, [
		...several(3, QUEUE),
		at(5, { kind: "job", queue: QUEUE, job: "purge", body: { status: "completed" } }),
	]),
	story("rotate a key", QUEUE, [
		...several(2, QUEUE, { delay: 4 }),
		at(1, { kind: "rotate", team: QUEUE.team }),
	]),
	story("show and list", QUEUE, [
		...several(1, QUEUE),
		at(1, { kind: "show", task }),
		at(1, { kind: "list", queue: QUEUE }),
	]),
	story("drain a dead letter", QUEUE, [...several(1, QUEUE, { delay: 5 }), disasterAt(1, "bury")]),
	story("find stalled tasks", QUEUE, [...several(2, QUEUE, { delay: 5 }), disasterAt(1, "purge")]),
];
