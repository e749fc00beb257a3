import type { Clock } from "../../lambda/ports.ts";
import type { Owner, VirtualTime } from "./virtual-time.ts";

/** A process of the service: a Lambda execution environment, or the embedded server. It can freeze, and die. */
export class Process implements Owner, Clock {
	readonly name: string;
	readonly #time: VirtualTime;
	readonly #clockOffsetMs: number;
	readonly #lastWords = new Set<() => void>();
	#isAlive = true;
	#frozenUntil = 0;

	/** `clockOffsetMs` is how far its clock is ahead of the others'. */
	constructor(name: string, time: VirtualTime, clockOffsetMs: number) {
		this.name = name;
		this.#time = time;
		this.#clockOffsetMs = clockOffsetMs;
	}

	get isAlive(): boolean {
		return this.#isAlive;
	}

	/** Epoch ms, in virtual time. */
	get frozenUntil(): number {
		return this.#frozenUntil;
	}

	/** What its clock says. */
	now(): number {
		return Math.floor(this.#time.now() + this.#clockOffsetMs);
	}

	freeze(milliseconds: number): void {
		this.#frozenUntil = Math.max(this.#frozenUntil, this.#time.now() + milliseconds);
	}

	/** Nothing that it has begun goes on, as after a SIGKILL. */
	die(): void {
		if (!this.#isAlive) return;
		this.#isAlive = false;
		for (const lastWord of this.#lastWords) lastWord();
		this.#lastWords.clear();
	}

	/** Calls back when it dies. Returns a function that ends this. */
	onDeath(listener: () => void): () => void {
		this.#lastWords.add(listener);
		return () => this.#lastWords.delete(listener);
	}

	/** Resolves `milliseconds` later, or when `signal` is aborted. */
	sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			if (signal?.aborted) return resolve();
			this.#time.after(milliseconds, resolve, this);
			signal?.addEventListener("abort", () => resolve());
		});
	}
}
