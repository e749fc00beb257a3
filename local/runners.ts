import type { EmbeddedWorld } from "../lambda/adapters/embedded/embedded-world.ts";
import { BATCH_SIZE } from "../lambda/core/delivery-limits.ts";
import type { FlowLimits } from "../lambda/core/flow-control.ts";
import { deliverHandler } from "../lambda/handlers/deliver.ts";
import { workHandler } from "../lambda/handlers/work.ts";
import type { Ports } from "../lambda/ports.ts";
import { ClosableLine } from "./closable-line.ts";
import { Runner } from "./runner.ts";

/** Calls of queues that nothing limits. */
const MAX_DELIVERIES = 256;

/** Pumps and jobs: a pump that waits costs nothing but memory, and the calls that it makes are limited by its queue. */
const MAX_WORK = 256;

/** One process needs no second pump at a line, and a slow queue keeps nobody waiting. */
export const EMBEDDED_FLOW_LIMITS: FlowLimits = { pumpSeats: 1 };

/** What drives a world: its deliveries and its work on queues. */
export type Runners = Readonly<{
	deliveries: Runner;
	work: Runner;
	start(): void;
	/** To be told that the clock was moved. */
	wake(): void;
	/** Begins nothing more and waits for the calls in flight. */
	stop(): Promise<void>;
}>;

const runnersOf = (
	{ messages, workMessages }: Pick<EmbeddedWorld, "messages" | "workMessages">,
	ports: Ports,
	line: ClosableLine,
) => {
	const { clock, log } = ports;
	const deliveries = new Runner({
		source: messages,
		handler: deliverHandler(ports),
		batchSize: BATCH_SIZE,
		maxInFlight: MAX_DELIVERIES,
		clock,
		log,
	});
	const work = new Runner({
		source: workMessages,
		handler: workHandler({ ...ports, line }),
		batchSize: 1,
		maxInFlight: MAX_WORK,
		confirmsReceipt: true,
		keepsWhenStopped: true,
		clock,
		log,
	});
	return { deliveries, work };
};

export const createRunners = (
	world: Pick<EmbeddedWorld, "messages" | "workMessages">,
	ports: Ports,
): Runners => {
	const line = new ClosableLine(ports.line);
	const { deliveries, work } = runnersOf(world, ports, line);
	return {
		deliveries,
		work,
		start: () => {
			deliveries.start();
			work.start();
		},
		wake: () => {
			deliveries.wake();
			work.wake();
		},
		stop: async () => {
			line.close();
			await Promise.all([deliveries.stop(), work.stop()]);
		},
	};
};
