import type { WebhookConnection } from "./webhook-connection.ts";

/** What is done with a connection once there is one. */
export type Lease = (connection: WebhookConnection) => void;

/**
 * Connections to one origin, each leased to one call at a time. undici's own `Pool` is not enough: a call that ran out
 * of time while connecting could not take its socket with it, and a call could not tell a new socket from a used one.
 */
export class OriginPool {
	readonly #limit: number;
	readonly #open: (onClose: Lease) => WebhookConnection;
	readonly #onEmpty: () => void;
	/** The last one used comes first, so that spare ones time out. */
	readonly #idle: WebhookConnection[] = [];
	readonly #waiting = new Set<Lease>();
	#size = 0;

	constructor(limit: number, open: (onClose: Lease) => WebhookConnection, onEmpty: () => void) {
		this.#limit = limit;
		this.#open = open;
		this.#onEmpty = onEmpty;
	}

	/** Calls `lease` with a connection, at once or when one is free. */
	lease(lease: Lease): void {
		const connection = this.#idle.pop();
		if (connection) lease(connection);
		else if (this.#size < this.#limit) lease(this.#grow());
		else this.#waiting.add(lease);
	}

	/** Takes back a lease that is still waiting. */
	cancel(lease: Lease): void {
		this.#waiting.delete(lease);
	}

	/** Ends a lease. A connection in an unknown state is not reusable. */
	release(connection: WebhookConnection, isReusable: boolean): void {
		const isKept = isReusable && connection.isOpen;
		const [next] = this.#waiting;
		if (isKept && !next) this.#idle.push(connection);
		if (!isKept) this.#drop(connection);
		if (!next) return;
		this.#waiting.delete(next);
		next(isKept ? connection : this.#grow());
	}

	async close(): Promise<void> {
		await Promise.all(this.#idle.splice(0).map((connection) => connection.destroy()));
	}

	#grow(): WebhookConnection {
		this.#size += 1;
		return this.#open((connection) => this.#forgetIdle(connection));
	}

	#forgetIdle(connection: WebhookConnection): void {
		const index = this.#idle.indexOf(connection);
		if (index === -1) return;
		this.#idle.splice(index, 1);
		this.#drop(connection);
	}

	#drop(connection: WebhookConnection): void {
		this.#size -= 1;
		void connection.destroy();
		if (this.#size === 0 && this.#waiting.size === 0) this.#onEmpty();
	}
}
