import type { QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";
import { queueFlow } from "./queue-flow.ts";

/** Thrown in place of a call that must not start any more: much can happen between the claim of an attempt and its call. */
export class CallWithheldError extends Error {
	override readonly name = "CallWithheldError";
}

/** A call that is about to start: how long it may take, and until when its attempt is claimed (epoch ms). */
export type PendingCall = Readonly<{ timeoutMs: number; leaseUntil: number }>;

/**
 * To be asked last, with nothing between its answer and the call. Throws `CallWithheldError` when the queue has been
 * paused, or when the call could outlast its claim, and somebody else make it again meanwhile.
 */
export const assertMayStart = async (
	ports: Ports,
	queue: QueueKey,
	{ timeoutMs, leaseUntil }: PendingCall,
): Promise<void> => {
	const { flow } = await queueFlow(ports, queue);
	if (flow.kind === "stopped") throw new CallWithheldError(`${queue.name} is paused`);
	if (leaseUntil < ports.clock.now() + timeoutMs)
		throw new CallWithheldError("the way from the claim to the call has taken too long");
};
