import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "./ledger.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { TaskCreator } from "./task-creator.ts";
import { nextPlan, PAUSED, plainPlan } from "./task-plan.ts";

const TURN_MS = 10;
const BATCH = 10;
/** One request in so many is a batch. */
const BATCH_EVERY = 50;
/** With so much under way nothing is added: the server is away, or has more than it can do. */
const MAX_PENDING = 2_000;
const MAX_ASKED_AT_ONCE = 64;

/** How long the pausable queue is paused and left alone. */
const PAUSED_MS = 3_000;
const RUNNING_MS = 6_000;
/** A call that was under way when the pause was confirmed may still be seen for a moment. */
const PAUSE_SHOWS_AFTER_MS = 1_000;

const FOLLOW_MS = 100;

const CALIBRATION_CONNECTIONS = 32;

/** Puts tasks on the server, at a pace, until it is stopped. */
export class Load {
	readonly #creator: TaskCreator;
	readonly #ledger: Ledger;
	/** A sequence of its own for each, so that none depends on how far another has got. */
	readonly #randoms: Readonly<Record<"calibrating" | "running" | "following", SeededRandom>>;
	readonly #stopping = new AbortController();

	constructor(creator: TaskCreator, ledger: Ledger, seed: number) {
		this.#creator = creator;
		this.#ledger = ledger;
		this.#randoms = {
			calibrating: new SeededRandom(seed + 1),
			running: new SeededRandom(seed + 2),
			following: new SeededRandom(seed + 3),
		};
	}

	/** Plain tasks as fast as 32 connections carry them for so long; returns how many were delivered a second. */
	async calibrate(milliseconds: number): Promise<number> {
		const startedAt = performance.now();
		const createOn = async () => {
			while (performance.now() - startedAt < milliseconds)
				await this.#creator.create(plainPlan(this.#randoms.calibrating));
		};
		await Promise.all(Array.from({ length: CALIBRATION_CONNECTIONS }, createOn));
		const { stories } = this.#ledger;
		while (this.#ledger.answered < stories.length && performance.now() - startedAt < 10 * milliseconds)
			await sleep(TURN_MS);
		return this.#ledger.answered / ((performance.now() - startedAt) / 1_000);
	}

	/** `perSecond` tasks a second. What the server has no time for is not made up for later. */
	async run(perSecond: number): Promise<void> {
		let last = performance.now();
		let owed = 0;
		while (this.#isRunning) {
			await sleep(TURN_MS);
			const now = performance.now();
			owed = Math.min(owed + ((now - last) / 1_000) * perSecond, MAX_ASKED_AT_ONCE);
			last = now;
			while (owed >= 1 && !this.#creator.isCutOff && this.#creator.pending < MAX_PENDING)
				owed -= this.#create(perSecond);
		}
	}

	/** Pauses one queue now and then, and sees to it that nobody is called meanwhile. */
	async pauseNowAndThen(): Promise<void> {
		while (this.#isRunning) {
			if (await this.#told("pause")) {
				const from = performance.now() + PAUSE_SHOWS_AFTER_MS;
				await this.#rest(PAUSED_MS);
				const to = performance.now();
				const called = this.#ledger.stories
					.filter(({ plan }) => plan.queue === PAUSED)
					.filter(({ calls }) => calls.some(({ at }) => at > from && at < to));
				for (const { id } of called)
					this.#ledger.violate("nobody is called while the queue is paused", String(id));
			}
			while (!(await this.#told("resume"))) await sleep(300);
			await this.#rest(RUNNING_MS);
		}
	}

	/** Tasks one after the other: within one life of a server each id is greater than the one before. */
	async followIds(lifeNumber: () => number): Promise<void> {
		let last = { life: -1, id: "" };
		while (this.#isRunning) {
			const life = lifeNumber();
			const { id } = await this.#creator.create(plainPlan(this.#randoms.following));
			if (id !== undefined && life === lifeNumber()) {
				if (life === last.life && id <= last.id)
					this.#ledger.violate("ids grow, whatever the clock does", `${id} after ${last.id}`);
				last = { life, id };
			}
			await this.#rest(FOLLOW_MS);
		}
	}

	stop(): void {
		this.#stopping.abort();
	}

	get #isRunning(): boolean {
		return !this.#stopping.signal.aborted;
	}

	/** Shorter when the load is stopped meanwhile. */
	#rest(milliseconds: number): Promise<void> {
		return sleep(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
	}

	#create(perSecond: number): number {
		const random = this.#randoms.running;
		if (random.integer(1, BATCH_EVERY) > 1) {
			void this.#creator.create(nextPlan(random, perSecond));
			return 1;
		}
		void this.#creator.createBatch(Array.from({ length: BATCH }, () => plainPlan(random)));
		return BATCH;
	}

	async #told(what: "pause" | "resume"): Promise<boolean> {
		const answer = await this.#creator.ask("POST", `/v1/queues/${PAUSED}/${what}`);
		return answer !== "broken" && answer.status === 200;
	}
}
