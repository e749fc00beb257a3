import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { buildConnector, type Dispatcher } from "undici";
import { type AddressPolicy, allowsAddress, webhookAddressFault } from "../../core/address-policy.ts";
import type { CallResult } from "../../core/delivery-outcome.ts";
import type { WebhookCall, WebhookClient } from "../../ports.ts";
import { dnsLookup, judgedLookup } from "./judged-lookup.ts";
import { OriginPool } from "./origin-pool.ts";
import { type Connect, WebhookConnection } from "./webhook-connection.ts";
import { type ExchangeResult, WebhookExchange } from "./webhook-exchange.ts";

/** Time for one address before the next is tried. Node's default gives up on receivers on the other side of the world. */
const ADDRESS_ATTEMPT_MS = 2_000;

export type UndiciWebhookClientOptions = Readonly<{
	addressPolicy: AddressPolicy;
	/** Calls in flight to one origin; further ones wait, on their own time. */
	connectionsPerOrigin?: number;
	lookup?: LookupFunction;
	/** Certificate authority to trust instead of the public ones (PEM). */
	ca?: string;
}>;

/**
 * Calls webhooks over kept-alive HTTP/1.1 connections. Whatever the other side does is a value of `CallResult`.
 * Proxy settings of the environment are not looked at: a proxy would resolve names itself, past the address policy.
 */
export class UndiciWebhookClient implements WebhookClient {
	readonly #addressPolicy: AddressPolicy;
	readonly #connectionsPerOrigin: number;
	readonly #connect: Connect;
	readonly #pools = new Map<string, OriginPool>();
	readonly #calls = new Set<Promise<unknown>>();
	#isClosed = false;

	constructor({ addressPolicy, connectionsPerOrigin = 256, lookup, ca }: UndiciWebhookClientOptions) {
		const resolve = lookup ?? (addressPolicy.allowPrivate ? systemLookup : dnsLookup());
		const connectorFor = (protocol: "http:" | "https:") =>
			buildConnector({
				lookup: judgedLookup(resolve, (address) => allowsAddress(addressPolicy, protocol, address)),
				autoSelectFamily: true,
				autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
				allowH2: false,
				timeout: 0,
				...(ca === undefined ? {} : { ca }),
			}) as Connect;
		// A lookup is not told what it is for, and more addresses are allowed over https than over http.
		const [plain, secure] = [connectorFor("http:"), connectorFor("https:")];
		this.#addressPolicy = addressPolicy;
		this.#connectionsPerOrigin = connectionsPerOrigin;
		this.#connect = (options, callback) =>
			(options.protocol === "https:" ? secure : plain)(options, callback);
	}

	async call(call: WebhookCall): Promise<CallResult> {
		const startedAt = performance.now();
		const exchange = this.#exchange(call);
		this.#calls.add(exchange);
		const result = await exchange;
		this.#calls.delete(exchange);
		return { ...result, durationMs: Math.round((performance.now() - startedAt) * 10) / 10 };
	}

	/** Waits for the calls in flight, then closes all connections. Later calls fail. */
	async close(): Promise<void> {
		this.#isClosed = true;
		await Promise.all(this.#calls);
		await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
	}

	async #exchange({ url: text, headers, body, timeoutMs }: WebhookCall): Promise<ExchangeResult> {
		const url = URL.parse(text);
		if (!url || this.#isClosed) return { kind: "failure", failure: "network_error" };
		// An address in the URL itself never reaches the lookup, so it is judged here, at every call.
		if (webhookAddressFault(url, this.#addressPolicy)) return { kind: "failure", failure: "blocked_address" };
		const request: Dispatcher.DispatchOptions = {
			method: "POST",
			path: url.pathname + url.search,
			headers,
			body,
		};
		return new Promise((resolve) => {
			new WebhookExchange(this.#poolFor(url.origin), request, resolve).start(timeoutMs);
		});
	}

	#poolFor(origin: string): OriginPool {
		const known = this.#pools.get(origin);
		if (known) return known;
		const pool = new OriginPool(
			this.#connectionsPerOrigin,
			(onClose) => new WebhookConnection(origin, this.#connect, onClose),
			() => this.#pools.delete(origin),
		);
		this.#pools.set(origin, pool);
		return pool;
	}
}
