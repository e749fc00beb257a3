import type { Socket } from "node:net";
import { type buildConnector, Client, type Dispatcher } from "undici";
import { ContinueFilter } from "./continue-filter.ts";

/**
 * Node servers close an idle connection after 5 s without warning, so we let go of ours before (less what is lost on
 * the way); a `Keep-Alive: timeout=` hint is honoured, up to a minute, with the same margin.
 */
const KEEP_ALIVE = {
	keepAliveTimeout: 4_000,
	keepAliveMaxTimeout: 60_000,
	keepAliveTimeoutThreshold: 1_000,
};

/** Opens a socket. undici's connector returns it, though its type does not say so. */
export type Connect = (...args: Parameters<buildConnector.connector>) => Socket;

/** One undici `Client`: at most one socket at a time, which serves one call at a time. */
export class WebhookConnection {
	readonly #client: Client;
	#socket: Socket | undefined;
	#filter: ContinueFilter | undefined;
	#answers = 0;

	constructor(origin: string, connect: Connect, onClose: (connection: WebhookConnection) => void) {
		this.#client = new Client(origin, {
			...KEEP_ALIVE,
			// The deadline of the whole call is the only clock (see WebhookExchange).
			headersTimeout: 0,
			bodyTimeout: 0,
			connect: (options, callback) => {
				this.#socket = connect(options, callback);
				this.#filter = new ContinueFilter(this.#socket);
				this.#answers = 0;
			},
		});
		this.#client.on("disconnect", () => onClose(this));
	}

	/** Sends a request, over a new socket if there is none. */
	dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
		this.#client.dispatch(options, handler);
	}

	expectAnswer(): void {
		this.#filter?.expectAnswer();
	}

	noteAnswer(): void {
		this.#answers += 1;
	}

	get isOpen(): boolean {
		return this.#socket?.destroyed === false;
	}

	/** True when the socket has served calls before, and nothing has come back for the present one. */
	get mayHaveBeenStale(): boolean {
		return this.#answers > 0 && this.#filter?.isSilent === true;
	}

	/** Ends the socket in whatever state it is, name lookup and handshake included. */
	destroy(): Promise<void> {
		this.#socket?.destroy();
		return this.#client.destroy();
	}
}
