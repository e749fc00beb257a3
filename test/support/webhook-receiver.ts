import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { PATIENCE_MS } from "./eventually.ts";
import { keepSecret } from "./secret-watch.ts";
import { type Answer, reply } from "./webhook-answers.ts";
import type { WebhookBody } from "./wire-format.ts";

/** One call that a webhook received. Instants are epoch ms. */
export type Arrival = {
	readonly method: string;
	/** Header names in lower case. */
	readonly headers: IncomingHttpHeaders;
	/** The exact text that was signed. */
	readonly rawBody: string;
	readonly body: WebhookBody;
	readonly at: number;
	/** `answered` once the last byte of the answer went out, `cut_off` if the caller went away before that. */
	state: "open" | "answered" | "cut_off";
	endedAt: number | undefined;
};

type Waiter = Readonly<{ predicate: (arrival: Arrival) => boolean; resolve: (arrival: Arrival) => void }>;

/** One webhook: a path of the receiver with its own script and its own record. */
export class Hook {
	readonly url: string;
	readonly arrivals: Arrival[] = [];
	readonly #script: Answer[];
	readonly #then: Answer;
	readonly #waiters = new Set<Waiter>();

	constructor(url: string, script: readonly Answer[], then: Answer) {
		this.url = url;
		this.#script = [...script];
		this.#then = then;
	}

	/** The first arrival, past or to come, that satisfies `predicate`. */
	next(predicate: (arrival: Arrival) => boolean, withinMs: number = PATIENCE_MS): Promise<Arrival> {
		const past = this.arrivals.find(predicate);
		if (past) return Promise.resolve(past);
		const { promise, resolve, reject } = Promise.withResolvers<Arrival>();
		const waiter = { predicate, resolve };
		this.#waiters.add(waiter);
		const giveUp = () => {
			const arrived = JSON.stringify(this.arrivals.slice(-3).map((arrival) => arrival.body));
			reject(new Error(`No such call within ${withinMs / 1_000} s; the last to arrive: ${arrived}`));
		};
		const timer = setTimeout(giveUp, withinMs);
		return promise.finally(() => {
			clearTimeout(timer);
			this.#waiters.delete(waiter);
		});
	}

	/** The `count`th arrival, from 1. */
	arrival(count: number, withinMs: number = PATIENCE_MS): Promise<Arrival> {
		return this.next((arrival) => this.arrivals.indexOf(arrival) === count - 1, withinMs);
	}

	receive(arrival: Arrival): Answer {
		this.arrivals.push(arrival);
		for (const waiter of this.#waiters) if (waiter.predicate(arrival)) waiter.resolve(arrival);
		return this.#script.shift() ?? this.#then;
	}
}

const readText = async (request: IncomingMessage): Promise<string> => {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	return Buffer.concat(chunks).toString("utf8");
};

const watchEnd = (arrival: Arrival, response: ServerResponse): void => {
	response.once("close", () => {
		arrival.state = response.writableFinished ? "answered" : "cut_off";
		arrival.endedAt = Date.now();
	});
};

/** An HTTP server on loopback that plays webhooks: it records what arrives and answers as it is told. */
export class WebhookReceiver {
	readonly #server: Server;
	readonly #hooks = new Map<string, Hook>();

	private constructor(server: Server) {
		this.#server = server;
		server.on("request", (request, response) => void this.#handle(request, response));
	}

	static async open(port = 0): Promise<WebhookReceiver> {
		const server = createServer({ keepAliveTimeout: 60_000 });
		server.listen(port, "127.0.0.1");
		await once(server, "listening");
		return new WebhookReceiver(server);
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** A new webhook that answers by `script`, one entry a call, and with `then` when the script is used up. */
	hook(script: readonly Answer[] = [], then: Answer = reply(200)): Hook {
		const path = `/hooks/${this.#hooks.size + 1}`;
		const token = keepSecret(randomUUID());
		const hook = new Hook(`http://127.0.0.1:${this.port}${path}?token=${token}`, script, then);
		this.#hooks.set(path, hook);
		return hook;
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, "close");
	}

	async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const at = Date.now();
		const hook = this.#hooks.get(request.url?.split("?")[0] ?? "");
		if (!hook) {
			response.writeHead(404).end();
			return;
		}
		const rawBody = await readText(request);
		const arrival: Arrival = {
			method: request.method ?? "",
			headers: request.headers,
			rawBody,
			body: JSON.parse(rawBody),
			at,
			state: "open",
			endedAt: undefined,
		};
		watchEnd(arrival, response);
		await hook.receive(arrival)(request, response);
	}
}
