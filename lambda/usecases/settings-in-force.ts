import { AsyncQueueError } from "../core/errors.ts";
import type { Flow } from "../core/flow-control.ts";
import { resetSheet } from "../core/pump-sheet.ts";
import type { Queue, QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";
import { callPump } from "./join-line.ts";
import { queueFlow } from "./queue-flow.ts";

/** How late the next call may be allowed at the most; slots are kept where it cannot be told. Epoch ms. */
const farthestSlotAt = (flow: Flow, now: number): number => {
	if (flow.kind === "stopped" || flow.kind === "held") return Number.POSITIVE_INFINITY;
	return flow.kind === "metered" && flow.intervalMs !== undefined ? now + flow.intervalMs * flow.seats : 0;
};

/** Nobody waits any more because of the old settings, and a change of others is no way around a rate limit. */
const forgetReservations = async (ports: Ports, key: QueueKey): Promise<void> => {
	const { pumpSheets, clock } = ports;
	const { flow } = await queueFlow(ports, key);
	for (;;) {
		const sheet = await pumpSheets.read(key);
		if (await pumpSheets.write(key, resetSheet(sheet, farthestSlotAt(flow, clock.now())))) return;
	}
};

/** Has the queue's waiting line looked after at once: what was reserved or announced until now does not count. */
export const wakeLine = async (ports: Ports, { teamId, name }: QueueKey): Promise<void> => {
	await forgetReservations(ports, { teamId, name });
	await callPump(ports, [{ teamId, name }], ports.clock.now());
};

/**
 * Makes the settings that were just stored count for tasks that wait already. Resolves for a paused queue when no
 * process starts a call any more. Throws `unavailable` when that cannot be promised: the same request again heals it.
 */
export const putInForce = async (ports: Ports, queue: Queue): Promise<void> => {
	try {
		if (queue.settings.paused) await ports.queues.inForce();
		await wakeLine(ports, queue);
	} catch (cause) {
		throw new AsyncQueueError(
			"unavailable",
			"The settings are stored, but may not be in force yet; please try again",
			{ cause },
		);
	}
};
