import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Call, Ledger } from "./ledger.ts";
import { LIMITED, LIMITED_SETTINGS } from "./task-plan.ts";

type Body = Readonly<{ task_id: string; queue: string; payload: { n: number }; attempt: number }>;

/** The webhook of all tasks: answers as each task's plan says and notes every call in the ledger. */
export class CountingReceiver {
	readonly #ledger: Ledger;
	readonly #server: Server;
	/** Calls under way of the queue with a limit. */
	#limited = 0;
	mostLimited = 0;

	static async open(ledger: Ledger): Promise<CountingReceiver> {
		const receiver = new CountingReceiver(ledger);
		receiver.#server.listen(0, "127.0.0.1");
		await once(receiver.#server, "listening");
		return receiver;
	}

	private constructor(ledger: Ledger) {
		this.#ledger = ledger;
		this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
			let text = "";
			request.setEncoding("utf8").on("data", (chunk) => {
				text += chunk;
			});
			request.once("end", () => this.#receive(JSON.parse(text), response));
		});
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/soak`;
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	#receive({ task_id, queue, payload, attempt }: Body, response: ServerResponse): void {
		const story = this.#ledger.stories[payload.n];
		if (!story) {
			this.#ledger.violate("a call is of a task that was asked for", `task ${task_id}, payload ${payload.n}`);
			response.writeHead(410).end();
			return;
		}
		const call: Call = {
			taskId: task_id,
			attempt,
			at: performance.now(),
			answeredAt: undefined,
			endedAt: undefined,
			answered: false,
		};
		story.calls.push(call);
		this.#ledger.calls += 1;
		const leave = queue === LIMITED ? this.#enter() : () => {};
		response.once("close", () => {
			leave();
			call.endedAt = performance.now();
			call.answered = response.writableFinished;
			if (call.answered) this.#ledger.answered += 1;
		});
		const status = attempt <= story.plan.failures ? 500 : 200;
		setTimeout(() => {
			// Before anybody can know that it was answered.
			leave();
			call.answeredAt = performance.now();
			response.writeHead(status).end();
		}, story.plan.answerMs);
	}

	/** Counts a call of the limited queue; returns how to count it out, once. */
	#enter(): () => void {
		this.#limited += 1;
		this.mostLimited = Math.max(this.mostLimited, this.#limited);
		if (this.#limited > LIMITED_SETTINGS.concurrency)
			this.#ledger.violate(
				"a queue never has more calls under way than its concurrency",
				`${this.#limited} calls at ${Math.round(performance.now())}`,
			);
		let isIn = true;
		return () => {
			if (isIn) this.#limited -= 1;
			isIn = false;
		};
	}
}
