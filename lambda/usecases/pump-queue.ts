import { reachableSlot } from "../core/call-pace.ts";
import { drainingFlow, type Flow } from "../core/flow-control.ts";
import type { QueueKey } from "../core/queue.ts";
import type { PumpMessage } from "../core/work-message.ts";
import type { Ports } from "../ports.ts";
import { callPump } from "./join-line.ts";
import { Pump } from "./pump.ts";
import { PlaceLostError, PumpPlace } from "./pump-place.ts";
import { freshQueueFlow } from "./queue-flow.ts";

const seatsOf = (ports: Ports, flow: Flow): number => {
	if (flow.kind === "metered") return flow.seats;
	return flow.kind === "direct" ? drainingFlow(ports.flowLimits).seats : 1;
};

/** The latest visit that a pump can have announced: at the end of a hold, or for its next slot. Epoch ms. */
const farthestVisitAt = (flow: Flow, now: number): number => {
	if (flow.kind === "held") return Number.POSITIVE_INFINITY;
	const slotsMs = flow.kind === "metered" ? (flow.intervalMs ?? 0) * flow.seats : 0;
	return reachableSlot(Number.POSITIVE_INFINITY, now, slotsMs);
};

/**
 * Announces the visit anew that there is to be. A message that comes back may be that of a pump that came to its end
 * between putting its next visit on record and sending the message for it.
 */
const announceAgain = async (
	{ pumpSheets, workQueue, clock }: Ports,
	message: PumpMessage,
): Promise<void> => {
	const { visitAt } = await pumpSheets.read({ teamId: message.team_id, name: message.queue });
	if (visitAt > clock.now()) await workQueue.send([{ ...message, due_at: visitAt }]);
};

const runPump = async (ports: Ports, queue: QueueKey, place: PumpPlace): Promise<void> => {
	const pump = new Pump(ports, queue, place);
	for (;;) {
		const comeBackAt = await pump.work();
		if (!(await place.leave(pump.slotAt, comeBackAt ?? 0))) continue;
		if (comeBackAt !== undefined) await callPump(ports, [queue], comeBackAt);
		return pump.throwFailure();
	}
};

/**
 * Works off the waiting line of a queue within its limits, for a minute at most: then another pump goes on, so that
 * the queues take turns. A pump that dies is replaced when its message comes back, or as soon as another pump of the
 * queue notices. `isBack` tells that the message was received before.
 */
export const pumpQueue = async (ports: Ports, message: PumpMessage, isBack = false): Promise<void> => {
	const now = ports.clock.now();
	if (message.due_at > now) return ports.workQueue.send([message]);
	const queue = { teamId: message.team_id, name: message.queue };
	const { flow } = await freshQueueFlow(ports, queue);
	if (flow.kind === "stopped") return;
	const place = await PumpPlace.take(ports, queue, seatsOf(ports, flow), farthestVisitAt(flow, now));
	if (!place) return isBack ? announceAgain(ports, message) : undefined;
	try {
		await runPump(ports, queue, place);
	} catch (error) {
		if (!(error instanceof PlaceLostError)) throw error;
		ports.log.warn("pump.place_lost", { queue: queue.name, error });
	}
};
