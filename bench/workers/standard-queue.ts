import type { ReceivedMessage } from "../../lambda/adapters/embedded/sqlite-message-queue.ts";

/** What a message says of itself. */
type Addressed = Readonly<{ team_id: string; queue: string; due_at: number }>;

type Held = { readonly id: string; readonly message: Addressed; visibleAt: number; receives: number };

/** A standard SQS queue in memory: first in, first out as far as it can, each message to one worker at a time. */
export class StandardQueue {
	readonly #visibilityMs: number;
	readonly #messages = new Map<string, Held>();
	#sent = 0;

	constructor(visibilityMs: number) {
		this.#visibilityMs = visibilityMs;
	}

	/** Delays are rounded up to whole seconds, as by SQS. */
	send(message: Addressed): void {
		const now = Date.now();
		const delayMs = Math.ceil(Math.max(0, message.due_at - now) / 1_000) * 1_000;
		this.#sent += 1;
		const id = String(this.#sent);
		this.#messages.set(id, { id, message, visibleAt: now + delayMs, receives: 0 });
	}

	receive(limit: number): ReceivedMessage[] {
		const now = Date.now();
		const received: ReceivedMessage[] = [];
		for (const held of this.#messages.values()) {
			if (received.length === limit) break;
			if (held.visibleAt > now) continue;
			held.visibleAt = now + this.#visibilityMs;
			held.receives += 1;
			const { id, message, receives } = held;
			received.push({
				messageId: id,
				teamId: message.team_id,
				queue: message.queue,
				body: JSON.stringify(message),
				receiveCount: receives,
				sentAt: now,
				firstReceivedAt: now,
			});
		}
		return received;
	}

	delete(messageIds: readonly string[]): void {
		for (const id of messageIds) this.#messages.delete(id);
	}
}
