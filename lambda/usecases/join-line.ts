import type { DeliveryMessage } from "../core/delivery-message.ts";
import type { QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";

type QueuedTasks = QueueKey & Readonly<{ tasks: number }>;

/** The queues of these messages, and how many of them belong to each. */
const queuesOf = (messages: readonly DeliveryMessage[]): QueuedTasks[] =>
	[...Map.groupBy(messages, ({ team_id, queue }) => `${team_id}/${queue}`).values()].flatMap(
		([first, ...more]) =>
			first ? [{ teamId: first.team_id, name: first.queue, tasks: 1 + more.length }] : [],
	);

/** Asks somebody to look after the waiting lines of these queues at `dueAt` (epoch ms). */
export const callPump = ({ workQueue }: Ports, queues: readonly QueueKey[], dueAt: number): Promise<void> =>
	workQueue.send(
		queues.map(({ teamId, name }) => ({ kind: "pump", team_id: teamId, queue: name, due_at: dueAt })),
	);

/** Puts due messages into their queues' waiting lines. In this order: a pump called before might find nothing. */
export const joinLine = async (ports: Ports, messages: readonly DeliveryMessage[]): Promise<void> => {
	await ports.line.add(messages);
	await callPump(ports, queuesOf(messages), ports.clock.now());
	for (const { teamId, name, tasks } of queuesOf(messages))
		ports.log.debug("delivery.parked", { team_id: teamId, queue: name, tasks });
};
