import type { SeededRandom } from "./seeded-random.ts";

/** What a task is meant to go through. */
export type TaskPlan = Readonly<{
	queue: string;
	/** Seconds. */
	delay: number;
	priority: number;
	/** How many calls are answered with 500 before one is answered with 200. */
	failures: number;
	maxRetries: number;
	/** Created with an `Idempotency-Key`, and again with it until it is accepted. */
	keyed: boolean;
	/** When it is to be cancelled after it was accepted, ms. */
	cancelAfterMs: number | undefined;
	/** How long the webhook takes to answer. */
	answerMs: number;
}>;

/** Never more than `concurrency` calls at a time, and `rate_limit`. */
export const LIMITED = "soak-limited";
export const LIMITED_SETTINGS = { concurrency: 4, rate_limit: { limit: 30, per_seconds: 1 } } as const;

/** Paused now and then. */
export const PAUSED = "soak-paused";

/** Queues of tasks that nothing holds back. */
const DIRECT = ["soak-a", "soak-b", "soak-c"] as const;

export const QUEUES = [...DIRECT, LIMITED, PAUSED] as const;

/** Tasks a second of the limited queue, at most: half of what its limits allow, as it must not fall behind for ever. */
const LIMITED_A_SECOND = 10;
const LIMITED_PER_MILLE = 20;

/** Kinds of tasks and how many in a thousand there are of each; the rest is called at once and answers at once. */
const SHARES = [
	[120, (random: SeededRandom) => ({ delay: random.integer(1, 5) })],
	[50, (random: SeededRandom) => ({ failures: random.integer(1, 2) })],
	[10, () => ({ failures: 9, maxRetries: 1 })],
	[40, (random: SeededRandom) => ({ delay: random.integer(2, 5), cancelAfterMs: random.integer(0, 2_500) })],
	[100, () => ({ keyed: true })],
	[LIMITED_PER_MILLE, () => ({ queue: LIMITED, answerMs: 200 })],
	[15, (random: SeededRandom) => ({ queue: PAUSED, priority: random.integer(1, 10) })],
	[50, (random: SeededRandom) => ({ answerMs: random.integer(20, 200) })],
] as const;

/** Whether one more task of the limited queue is not too many, where `perSecond` tasks a second are created in all. */
const hasRoom = (perSecond: number, random: SeededRandom): boolean =>
	random.next() * perSecond * (LIMITED_PER_MILLE / 1_000) < LIMITED_A_SECOND;

export const nextPlan = (random: SeededRandom, perSecond = 0): TaskPlan => {
	const plain: TaskPlan = {
		queue: DIRECT[random.integer(0, DIRECT.length - 1)] ?? DIRECT[0],
		delay: 0,
		priority: random.integer(1, 10),
		failures: 0,
		maxRetries: 3,
		keyed: false,
		cancelAfterMs: undefined,
		answerMs: 0,
	};
	let share = random.integer(0, 999);
	for (const [size, special] of SHARES) {
		if (share < size) {
			const plan = { ...plain, ...special(random) };
			return plan.queue === LIMITED && !hasRoom(perSecond, random) ? plain : plan;
		}
		share -= size;
	}
	return plain;
};

/** The same at once, for the calibration and for batches. */
export const plainPlan = (random: SeededRandom): TaskPlan => ({
	...nextPlan(random),
	queue: DIRECT[random.integer(0, DIRECT.length - 1)] ?? DIRECT[0],
	delay: 0,
	failures: 0,
	maxRetries: 3,
	keyed: false,
	cancelAfterMs: undefined,
	answerMs: 0,
});

/** How the task ends if nobody cancels it. */
export const plannedEnd = ({ failures, maxRetries }: TaskPlan): "completed" | "failed" =>
	failures > maxRetries ? "failed" : "completed";
