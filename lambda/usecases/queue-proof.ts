import { isProven, QUICK_AGAIN_AFTER_MS, QUICK_CALLS_FOR_PROOF, SLOW_CALL_MS } from "../core/flow-control.ts";
import type { Queue, QueueKey, QueueNotes } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

/** How often a queue that stays slow is noted to be so. */
const NOTE_AGAIN_AFTER_MS = 10_000;

/** The note steers how the queue is served from now on; the delivery at hand does not depend on it. */
const note = async ({ queues, log }: Ports, { teamId, name }: Queue, notes: QueueNotes): Promise<void> => {
	try {
		await queues.note({ teamId, name }, notes);
	} catch (error) {
		log.warn("queue.note_failed", { queue: name, error });
	}
};

/** Notes that a call of this queue takes long, unless that is known. */
const noteSlow = async (ports: Ports, { teamId, name }: QueueKey): Promise<void> => {
	const queue = await ports.queues.get(teamId, name);
	const now = ports.clock.now();
	if (!queue || (!isProven(queue) && (queue.slowAt ?? 0) > now - NOTE_AGAIN_AFTER_MS)) return;
	await note(ports, queue, { slowAt: now });
};

/** Notes that this queue's calls are quick, unless that is known, or some were slow a short while ago. */
const noteQuick = async (ports: Ports, { teamId, name }: QueueKey): Promise<void> => {
	const queue = await ports.queues.get(teamId, name);
	const now = ports.clock.now();
	if (!queue || isProven(queue) || now - (queue.slowAt ?? 0) < QUICK_AGAIN_AFTER_MS) return;
	await note(ports, queue, { quickAt: now });
};

/**
 * Notes the queue as slow as soon as a call takes long, not when it ends: meanwhile other workers would take on more
 * of its tasks. Returns what is to be called when the call has ended. Does nothing where slowness does not matter.
 */
export const watchForSlowness = (ports: Ports, queue: QueueKey): (() => void) => {
	if (ports.flowLimits.unprovenConcurrency === undefined) return () => undefined;
	const ended = new AbortController();
	const watch = async (): Promise<void> => {
		await ports.timer.sleep(SLOW_CALL_MS, ended.signal);
		if (!ended.signal.aborted) await noteSlow(ports, queue);
	};
	watch().catch((error: unknown) => ports.log.warn("queue.watch_failed", { queue: queue.name, error }));
	return () => ended.abort();
};

/** Gathers what the calls of one pump prove about their queue. */
export class QueueProof {
	readonly #ports: Ports;
	readonly #queue: QueueKey;
	/** Quick calls since the last slow one. */
	#quick = 0;

	constructor(ports: Ports, queue: QueueKey) {
		this.#ports = ports;
		this.#queue = queue;
	}

	/** A call has taken so long. */
	async called(durationMs: number): Promise<void> {
		this.#quick = durationMs > SLOW_CALL_MS ? 0 : this.#quick + 1;
		if (this.#quick === QUICK_CALLS_FOR_PROOF) await this.#note();
	}

	/** There are no more calls: a few must do. */
	async end(): Promise<void> {
		if (this.#quick > 0) await this.#note();
	}

	async #note(): Promise<void> {
		if (this.#ports.flowLimits.unprovenConcurrency !== undefined) await noteQuick(this.#ports, this.#queue);
	}
}
