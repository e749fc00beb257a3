import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { promisify } from "node:util";

const flushFile = promisify(fdatasync);

/**
 * Forces the write-ahead log to the disk, beside the event loop, which a flush of some milliseconds would otherwise
 * stop. Everyone who asks during a flush shares the next one.
 */
export class LogFlusher {
	readonly #file: number;
	#running: Promise<void> | undefined;
	#next: Promise<void> | undefined;
	#latest: Promise<void> | undefined;
	#closed = false;

	constructor(path: string) {
		this.#file = openSync(path, "r+");
	}

	/** The flush that was asked for last, while it is not done. */
	get pending(): Promise<void> | undefined {
		return this.#latest;
	}

	/** Resolves when everything written to the log before this call is on disk. */
	flush(): Promise<void> {
		this.#next ??= this.#flushAfterRunning();
		this.#latest = this.#next;
		return this.#next;
	}

	/** Flushes a last time, at once. */
	close(): void {
		try {
			fdatasyncSync(this.#file);
			this.#closed = true;
		} finally {
			closeSync(this.#file);
		}
	}

	async #flushAfterRunning(): Promise<void> {
		await this.#running;
		const mine = this.#next;
		this.#next = undefined;
		const running = this.#closed ? Promise.resolve() : this.#flushNow();
		this.#running = running;
		await running;
		if (this.#running === running) this.#running = undefined;
		if (this.#latest === mine) this.#latest = undefined;
	}

	async #flushNow(): Promise<void> {
		try {
			await flushFile(this.#file);
		} catch (error) {
			// `close` has flushed all of it, and taken the file away from this flush.
			if (!this.#closed) throw error;
		}
	}
}
