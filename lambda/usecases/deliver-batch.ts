import { DeliveryMessage } from "../core/delivery-message.ts";
import { readMessage } from "../core/message-text.ts";
import type { Ports } from "../ports.ts";
import { deliverTask } from "./deliver-task.ts";
import { dispatch } from "./dispatch.ts";
import { joinLine } from "./join-line.ts";
import { queueFlow } from "./queue-flow.ts";

/** What is to be done with a message: `waiting` for its turn, together with others, or something of its own. */
type Handling = Readonly<{ waiting: DeliveryMessage } | { run: () => Promise<void> }>;

const handlingOf = async (ports: Ports, body: string): Promise<Handling> => {
	const message = readMessage(DeliveryMessage, body);
	if (message.due_at > ports.clock.now()) return { run: () => dispatch(ports, [message]) };
	const { team_id: teamId, queue: name } = message;
	const { queue, flow } = await queueFlow(ports, { teamId, name });
	return flow.kind === "direct" ? { run: () => deliverTask(ports, message, queue) } : { waiting: message };
};

const isWaiting = (handling: PromiseSettledResult<Handling>) =>
	handling.status === "fulfilled" && "waiting" in handling.value ? [handling.value.waiting] : [];

/**
 * Handles a batch of messages of the delivery queue: those of queues that are paused or limited go in line, the
 * others are delivered side by side, early ones wait for the rest of their time. Each result is fulfilled when its
 * message has done its work and may be deleted, rejected when it must come back; what is no message is rejected too.
 */
export const deliverBatch = async (
	ports: Ports,
	bodies: readonly string[],
): Promise<PromiseSettledResult<void>[]> => {
	const handlings = await Promise.allSettled(bodies.map((body) => handlingOf(ports, body)));
	const waiting = handlings.flatMap(isWaiting);
	const inLine = waiting.length > 0 ? joinLine(ports, waiting) : Promise.resolve();
	return Promise.allSettled(
		handlings.map(async (handling) => {
			if (handling.status === "rejected") throw handling.reason;
			await ("run" in handling.value ? handling.value.run() : inLine);
		}),
	);
};
