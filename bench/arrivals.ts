import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const PATIENCE_MS = 120_000;

const CLOCK_SAMPLES_MS = 20;

/**
 * Epoch ms minus `performance.now()`. `Date.now()` cuts off fractions and either reading may come late, all of which
 * makes the difference too small and never too large: the largest of many is the truest.
 */
const wallClockOffset = (): number => {
	const until = performance.now() + CLOCK_SAMPLES_MS;
	let offset = Number.NEGATIVE_INFINITY;
	while (performance.now() < until) offset = Math.max(offset, Date.now() - performance.now());
	return offset;
};

/** A webhook that answers 200 at once and notes when each task number arrived. */
export class Arrivals {
	/** Task number → when it first arrived (ms on this process's monotonic clock). */
	readonly times = new Map<number, number>();
	readonly #wallClockOffset = wallClockOffset();
	readonly #server: Server;
	#wanted = Number.POSITIVE_INFINITY;
	#reached = Promise.withResolvers<void>();

	private constructor() {
		this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
			const at = performance.now();
			let text = "";
			request.setEncoding("utf8").on("data", (chunk) => {
				text += chunk;
			});
			request.on("end", () => {
				response.end();
				this.#note(JSON.parse(text).payload.n, at);
			});
		});
	}

	static async open(): Promise<Arrivals> {
		const arrivals = new Arrivals();
		arrivals.#server.listen(0, "127.0.0.1");
		await once(arrivals.#server, "listening");
		return arrivals;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
	}

	/** When task `n` arrived by the wall clock, which the subject shares (epoch ms with fractions). */
	instantOf(n: number): number {
		return (this.times.get(n) ?? Number.NaN) + this.#wallClockOffset;
	}

	/** Resolves when `count` different tasks have arrived since the beginning. */
	async total(count: number): Promise<void> {
		this.#wanted = count;
		this.#reached = Promise.withResolvers();
		this.#check();
		const giveUp = setTimeout(() => {
			this.#reached.reject(new Error(`${this.times.size} of ${count} tasks arrived`));
		}, PATIENCE_MS);
		await this.#reached.promise.finally(() => clearTimeout(giveUp));
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	#note(n: number, at: number): void {
		if (this.times.has(n)) return;
		this.times.set(n, at);
		this.#check();
	}

	#check(): void {
		if (this.times.size >= this.#wanted) this.#reached.resolve();
	}
}
