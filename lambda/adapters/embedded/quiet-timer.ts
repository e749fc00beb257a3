/** Runs a chore once nothing has been going on for a while; no timer exists while there is nothing to do. */
export class QuietTimer {
	readonly #quietMs: number;
	readonly #chore: () => void;
	#timer: NodeJS.Timeout | undefined;
	#touched = false;

	constructor(quietMs: number, chore: () => void) {
		this.#quietMs = quietMs;
		this.#chore = chore;
	}

	/** Says that something is going on. Cheap: the timer is not moved, it looks back when it fires. */
	touch(): void {
		this.#touched = true;
		this.#timer ??= this.#arm();
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#arm(): NodeJS.Timeout {
		this.#touched = false;
		return setTimeout(() => this.#fire(), this.#quietMs).unref();
	}

	#fire(): void {
		this.#timer = this.#touched ? this.#arm() : undefined;
		if (!this.#timer) this.#chore();
	}
}
