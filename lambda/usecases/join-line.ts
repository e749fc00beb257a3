import type { DeliveryMessage } from "../core/delivery-message.ts";
import type { QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

const queuesOf = (messages: readonly DeliveryMessage[]): QueueKey[] => {
	const keys = messages.map(
		({ team_id, queue }) => [`${team_id}/${queue}`, { teamId: team_id, name: queue }] as const,
	);
	return [...new Map(keys).values()];
};

/** Asks somebody to look after the waiting lines of these queues at `dueAt` (epoch ms). */
export const callPump = ({ workQueue }: Ports, queues: readonly QueueKey[], dueAt: number): Promise<void> =>
	workQueue.send(
		queues.map(({ teamId, name }) => ({ kind: "pump", team_id: teamId, queue: name, due_at: dueAt })),
	);

/** Puts due messages into their queues' waiting lines. In this order: a pump called before might find nothing. */
export const joinLine = async (ports: Ports, messages: readonly DeliveryMessage[]): Promise<void> => {
	await ports.line.add(messages);
	await callPump(ports, queuesOf(messages), ports.clock.now());
};
