import type { Dispatcher } from "undici";
import type { CallFailure, CallResult } from "../../core/delivery-outcome.ts";
import { callFailure } from "./call-failure.ts";
import type { OriginPool } from "./origin-pool.ts";
import { ResponseBody } from "./response-body.ts";
import type { WebhookConnection } from "./webhook-connection.ts";

/** A socket that was closed while idle says so within a round trip; what fails later failed for another reason. */
const STALE_SOCKET_MS = 1_000;

type WithoutDuration<Result> = Result extends unknown ? Omit<Result, "durationMs"> : never;
export type ExchangeResult = WithoutDuration<Exclude<CallResult, { kind: "not_called" }>>;

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>>[2];

/** One request and its answer. Settled once: by the end of the answer, an error or the deadline, whichever is first. */
export class WebhookExchange implements Dispatcher.DispatchHandler {
	readonly #pool: OriginPool;
	readonly #request: Dispatcher.DispatchOptions;
	readonly #resolve: (result: ExchangeResult) => void;
	#deadline: NodeJS.Timeout | undefined;
	readonly #body = new ResponseBody();
	#connection: WebhookConnection | undefined;
	#status = 0;
	#headers: Headers = {};
	#sentAt = 0;
	#isSettled = false;

	constructor(
		pool: OriginPool,
		request: Dispatcher.DispatchOptions,
		resolve: (result: ExchangeResult) => void,
	) {
		this.#pool = pool;
		this.#request = request;
		this.#resolve = resolve;
	}

	/** `timeoutMs` covers everything: the wait for a connection, DNS, handshakes, and the last byte of the answer. */
	start(timeoutMs: number): void {
		this.#deadline = setTimeout(() => this.#fail("timeout"), timeoutMs);
		this.#pool.lease(this.#lease);
	}

	/** undici insists on this method. */
	onRequestStart(): void {}

	onRequestSent(): void {
		this.#sentAt = performance.now();
		this.#connection?.expectAnswer();
	}

	onResponseStart(_: unknown, status: number, headers: Headers): void {
		this.#status = status;
		this.#headers = headers;
	}

	onResponseData(_: unknown, chunk: Buffer): void {
		if (this.#isSettled) return;
		this.#body.add(chunk);
		// The status has decided the outcome: what the receiver still has to say is not worth its cost.
		if (this.#body.isTooLong) this.#succeed(false);
	}

	onResponseEnd(): void {
		this.#succeed(true);
	}

	onResponseError(_: unknown, error: unknown): void {
		if (this.#isSettled) return;
		const failure = callFailure(error);
		if (this.#shouldRetry(failure)) {
			// Not before undici has let go of the old socket.
			queueMicrotask(() => this.#send());
		} else this.#fail(failure);
	}

	readonly #lease = (connection: WebhookConnection): void => {
		this.#connection = connection;
		this.#send();
	};

	#send(): void {
		if (!this.#isSettled) this.#connection?.dispatch(this.#request, this);
	}

	/**
	 * A receiver may close an idle connection at the very moment we use it again. That says nothing about the receiver,
	 * so the request goes out once more, on a new socket, in what is left of its time; delivery is at least once anyway.
	 * A receiver that resets on purpose does it on the new socket too, which is not a used one, and is reported.
	 */
	#shouldRetry(failure: CallFailure): boolean {
		return (
			failure === "connection_reset" &&
			this.#connection?.mayHaveBeenStale === true &&
			performance.now() - this.#sentAt < STALE_SOCKET_MS
		);
	}

	#succeed(isReusable: boolean): void {
		if (this.#isSettled) return;
		const body = this.#body.text(this.#headers["content-type"]);
		const answer = { kind: "response", status: this.#status, headers: this.#headers, body } as const;
		this.#settle(answer, isReusable);
	}

	#fail(failure: CallFailure): void {
		this.#settle({ kind: "failure", failure }, false);
	}

	#settle(result: ExchangeResult, isReusable: boolean): void {
		this.#isSettled = true;
		clearTimeout(this.#deadline);
		this.#resolve(result);
		const connection = this.#connection;
		if (connection) {
			if (isReusable) connection.noteAnswer();
			// Not now: undici is still in its parser.
			queueMicrotask(() => this.#pool.release(connection, isReusable));
		} else this.#pool.cancel(this.#lease);
	}
}
