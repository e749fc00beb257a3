import { Client } from "undici";
import type { Subject } from "./subject.ts";

export type Created = Readonly<{
	/** From the call to the last byte of the answer. */
	latencyMs: number;
	body: string;
}>;

/**
 * Keep-alive connections to a subject, one request at a time on each. Uses undici's lowest interface,
 * so that the driver leaves as much of the machine as possible to what it measures.
 */
export class Connections {
	readonly #clients: readonly Client[];
	readonly #headers: Readonly<Record<string, string>>;
	#next = 0;

	constructor({ url, apiKey }: Subject, count = 32) {
		this.#clients = Array.from({ length: count }, () => new Client(url, { pipelining: 1 }));
		this.#headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
	}

	/** Posts `body` over the next connection in turn. Throws unless the answer has `status`. */
	post(body: string, path = "/v1/tasks", status = 201): Promise<Created> {
		this.#next = (this.#next + 1) % this.#clients.length;
		return this.#postOver(this.#clients[this.#next], body, path, status);
	}

	/** Posts all `bodies` as fast as the connections carry them; the answers come in no particular order. */
	async postAll(bodies: readonly string[], path?: string, status?: number): Promise<readonly Created[]> {
		const created: Created[] = [];
		const queue = bodies.values();
		const drain = async (client: Client) => {
			for (const body of queue) created.push(await this.#postOver(client, body, path, status));
		};
		await Promise.all(this.#clients.map(drain));
		return created;
	}

	async close(): Promise<void> {
		await Promise.all(this.#clients.map((client) => client.destroy()));
	}

	#postOver(client: Client | undefined, body: string, path = "/v1/tasks", status = 201): Promise<Created> {
		const { promise, resolve, reject } = Promise.withResolvers<Created>();
		const startedAt = performance.now();
		let answered = 0;
		let text = "";
		client?.dispatch(
			{ method: "POST", path, headers: this.#headers, body },
			{
				onRequestStart: () => {},
				onResponseStart: (_, statusCode) => {
					answered = statusCode;
				},
				onResponseData: (_, chunk) => {
					text += chunk.toString("latin1");
				},
				onResponseEnd: () => {
					if (answered === status) resolve({ latencyMs: performance.now() - startedAt, body: text });
					else reject(new Error(`POST ${path}: ${answered} ${text}`));
				},
				onResponseError: (_, error) => reject(error),
			},
		);
		return promise;
	}
}
