import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 120_000;

/** What has come to one path. */
class Visits {
	/** When each call began, ms on this process's clock. */
	readonly starts: number[] = [];
	/** Calls by task number: more than one where a task was called again. */
	readonly calls = new Map<number, number>();
	/** Task number → when its first call began, epoch ms with fractions. */
	readonly instants = new Map<number, number>();
	inFlight = 0;
	mostInFlight = 0;
	endedAt = 0;
}

/** A webhook that takes its time: `urlFor("a", 50)` answers after 50 ms, with 200 unless told otherwise. */
export class SlowReceiver {
	readonly #server: Server;
	readonly #visits = new Map<string, Visits>();
	/** The status of the answers from now on. */
	status = 200;

	private constructor() {
		this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
			const [, name = "", answerMs] = request.url?.split("/") ?? [];
			const visits = this.of(name);
			const startedAt = performance.now();
			let text = "";
			request.setEncoding("utf8").on("data", (chunk) => {
				text += chunk;
			});
			visits.starts.push(startedAt);
			visits.inFlight += 1;
			visits.mostInFlight = Math.max(visits.mostInFlight, visits.inFlight);
			response.once("close", () => {
				visits.inFlight -= 1;
				visits.endedAt = performance.now();
			});
			request.once("end", () => {
				const { n } = JSON.parse(text).payload;
				visits.calls.set(n, (visits.calls.get(n) ?? 0) + 1);
				if (!visits.instants.has(n)) visits.instants.set(n, performance.timeOrigin + startedAt);
				const { status } = this;
				setTimeout(() => response.writeHead(status).end(), Number(answerMs));
			});
		});
	}

	static async open(): Promise<SlowReceiver> {
		const receiver = new SlowReceiver();
		receiver.#server.listen(0, "127.0.0.1");
		await once(receiver.#server, "listening");
		return receiver;
	}

	urlFor(name: string, answerMs: number): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}/${answerMs}`;
	}

	of(name: string): Visits {
		const known = this.#visits.get(name) ?? new Visits();
		this.#visits.set(name, known);
		return known;
	}

	/** Resolves when `holds` does. */
	async until(what: string, holds: () => boolean): Promise<void> {
		const deadline = performance.now() + PATIENCE_MS;
		while (!holds()) {
			if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`);
			await sleep(LOOK_EVERY_MS);
		}
	}

	/** Resolves when `count` different tasks have come to the path. */
	total(name: string, count: number): Promise<void> {
		return this.until(`${count} tasks came`, () => this.of(name).calls.size >= count);
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}
