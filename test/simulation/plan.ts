import type { QueueSettings } from "../../lambda/core/queue.ts";
import { type ClusterShape, drawClusterShape } from "./cluster-shape.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { Answer } from "./webhook-network.ts";

/** A queue of a team, as it is set up before anything goes wrong. */
export type PlannedQueue = Readonly<{ team: string; name: string; settings: Partial<QueueSettings> }>;

/** A task that clients will ask for. `n` is its place in the plan, and its mark in the payload. */
export type PlannedTask = Readonly<{
	n: number;
	queue: PlannedQueue;
	delay: number;
	priority: number;
	maxRetries: number | undefined;
	answers: readonly Answer[];
}>;

/** What a client does. */
export type Action = Readonly<
	| { kind: "create"; tasks: readonly PlannedTask[]; isBatch: boolean; isIdempotent: boolean }
	| { kind: "cancel" | "retry" | "show"; task: PlannedTask }
	| { kind: "pause"; queue: PlannedQueue; forMs: number }
	| { kind: "put" | "patch"; queue: PlannedQueue; settings: Partial<QueueSettings> }
	| { kind: "job"; queue: PlannedQueue; job: "redrive" | "cancel" | "purge"; body: object }
	| { kind: "rotate"; team: string }
	| { kind: "list"; queue: PlannedQueue }
>;

/** What befalls the service as a whole. `pick` chooses the host or message concerned. */
export type Disaster = Readonly<{
	kind: "purge" | "purge_work" | "bury" | "duplicate" | "jump" | "kill";
	pick: number;
}>;

/** `at` is milliseconds after the start. */
export type PlannedEvent = Readonly<{ at: number } & ({ action: Action } | { disaster: Disaster })>;

/** Everything about a run that the seed decides beforehand. */
export type Plan = Readonly<{
	seed: number;
	shape: ClusterShape;
	queues: readonly PlannedQueue[];
	events: readonly PlannedEvent[];
	/** Share of the port calls that something goes wrong with. */
	faultRate: number;
	/** How long things go wrong after the last event. */
	disturbedMs: number;
}>;

const DAY_SECONDS = 86_400;

const drawSettings = (random: SeededRandom): Partial<QueueSettings> => ({
	max_retries: random.int(0, 4),
	retry_backoff: random.pick(["exponential", "fixed"]),
	retry_delay: random.pick([1, 1, 2, 30]),
	timeout: random.pick([1, 2, 10, 30, 120]),
	...(random.chance(0.3) && { concurrency: random.int(1, 6) }),
	...(random.chance(0.2) && {
		rate_limit: { limit: random.int(1, 20), per_seconds: random.pick([1, 2, 5]) },
	}),
	...(random.chance(0.2) && { respect_retry_after: "queue" as const }),
});

const drawQueues = (random: SeededRandom): PlannedQueue[] =>
	Array.from({ length: random.int(1, 4) }, (_, index) => ({
		team: `team-${random.int(1, 2)}`,
		name: `queue-${index}`,
		settings: random.chance(0.25) ? {} : drawSettings(random),
	}));

/** Seconds: most tasks are due at once, some beyond what a queue can hold, or just at its limit. */
const drawDelay = (random: SeededRandom): number => {
	if (random.chance(0.7)) return 0;
	return random.pick([1, 3, random.int(1, 120), random.int(880, 1_000), 3_600, DAY_SECONDS + 1]);
};

const drawAnswers = (random: SeededRandom, failing: number): Answer[] => {
	const count = random.chance(failing) ? random.int(1, 6) : 0;
	return Array.from({ length: count }, () => {
		if (random.chance(0.6)) return "error";
		return random.pick(["ok", "slow", "hang", "later", "gone", "no_retry"] as const);
	});
};

const drawTask = (random: SeededRandom, n: number, queues: readonly PlannedQueue[], failing: number) => ({
	n,
	queue: random.pick(queues),
	delay: drawDelay(random),
	priority: random.chance(0.7) ? 5 : random.int(1, 10),
	maxRetries: random.chance(0.2) ? random.int(0, 3) : undefined,
	answers: drawAnswers(random, failing),
});

const drawMeddling = (
	random: SeededRandom,
	tasks: readonly PlannedTask[],
	queues: readonly PlannedQueue[],
): Action => {
	const queue = random.pick(queues);
	const task = random.pick(tasks);
	switch (random.int(0, 9)) {
		case 0:
		case 1:
		case 2:
			return { kind: "cancel", task };
		case 3:
		case 4:
			return { kind: "retry", task };
		case 5:
			return { kind: "pause", queue, forMs: random.pick([500, 10_000, 700_000]) };
		case 6:
			return { kind: "patch", queue, settings: { max_retries: random.int(0, 4) } };
		case 7:
			return { kind: "job", queue, job: random.pick(["redrive", "redrive", "cancel"] as const), body: {} };
		case 8:
			return random.chance(0.5)
				? { kind: "job", queue, job: "purge", body: { status: random.pick(["completed", "failed"]) } }
				: { kind: "rotate", team: queue.team };
		default:
			return random.chance(0.5) ? { kind: "list", queue } : { kind: "show", task };
	}
};

const drawDisaster = (random: SeededRandom): Disaster => ({
	kind: random.pick([
		"purge",
		"purge_work",
		"bury",
		"bury",
		"duplicate",
		"duplicate",
		"jump",
		"kill",
		"kill",
	]),
	pick: random.int(0, 1_000_000),
});

/** Creates `count` tasks, alone and in batches, over `spanMs`. */
const drawCreates = (
	random: SeededRandom,
	count: number,
	queues: readonly PlannedQueue[],
	spanMs: number,
): PlannedEvent[] => {
	const failing = random.pick([0, 0.3, 0.3, 0.8]);
	const events: PlannedEvent[] = [];
	for (let n = 0; n < count; ) {
		const isBatch = random.chance(0.1);
		const size = Math.min(isBatch ? random.int(1, 12) : 1, count - n);
		const first = drawTask(random, n, queues, failing);
		const sameTeam = queues.filter(({ team }) => team === first.queue.team);
		const others = Array.from({ length: size - 1 }, (_, index) =>
			drawTask(random, n + 1 + index, sameTeam, failing),
		);
		const action: Action = {
			kind: "create",
			tasks: [first, ...others],
			isBatch,
			isIdempotent: random.chance(0.3),
		};
		events.push({ at: random.fraction() * spanMs, action });
		n += size;
	}
	return events;
};

const tasksIn = (events: readonly PlannedEvent[]): PlannedTask[] =>
	events.flatMap((event) => ("action" in event && event.action.kind === "create" ? event.action.tasks : []));

/** Draws a run with `steps` tasks. Each seed has its own mix of what may happen, so that rare mixes come up, too. */
export const drawPlan = (seed: number, steps: number): Plan => {
	const random = new SeededRandom(seed);
	const shape = drawClusterShape(random);
	const queues = drawQueues(random);
	const spanMs = random.pick([1_000, 20_000, 20_000, 200_000]);
	const creates = drawCreates(random, steps, queues, spanMs);
	const tasks = tasksIn(creates);
	const meddling = random.pick([0, 0.1, 0.3]);
	const disasters = random.chance(0.5) ? random.int(0, 6) : 0;
	const events: PlannedEvent[] = [
		...creates,
		...Array.from({ length: Math.ceil(steps * meddling) }, () => ({
			at: random.fraction() * spanMs * 1.5,
			action: drawMeddling(random, tasks, queues),
		})),
		...Array.from({ length: disasters }, () => ({
			at: random.fraction() * spanMs * 2,
			disaster: drawDisaster(random),
		})),
	];
	const faultRate = random.pick([0, 0.05, 0.1, 0.15, 0.2, 0.3]);
	const disturbedMs = random.pick([0, 60_000, 1_200_000]);
	return { seed, shape, queues, events: events.sort((a, b) => a.at - b.at), faultRate, disturbedMs };
};
