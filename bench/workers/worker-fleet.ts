import { setTimeout as sleep } from "node:timers/promises";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { BATCH_SIZE } from "../../lambda/core/delivery-limits.ts";
import { LANES, type Lane } from "../../lambda/core/lane.ts";
import { deliverHandler } from "../../lambda/handlers/deliver.ts";
import { workHandler } from "../../lambda/handlers/work.ts";
import type { Ports } from "../../lambda/ports.ts";
import { toSqsEvent } from "../../local/sqs-event.ts";
import { mortalPorts } from "../../test/support/mortal-ports.ts";
import type { StandardQueue } from "./standard-queue.ts";

const POLL_MS = 5;

type Handler = (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>;

type Worker = { readonly limit: number; readonly die: () => void; isBusy: boolean; isDead: boolean };

/** The queues that the fleet consumes. */
export type FleetQueues = Readonly<{ lanes: Readonly<Record<Lane, StandardQueue>>; work: StandardQueue }>;

/**
 * Lambda's event source mappings: for each queue `concurrency` workers, each busy with one batch until its slowest
 * message is done.
 */
export class WorkerFleet {
	readonly #workers: Worker[] = [];
	#running = true;

	constructor(ports: Ports, queues: FleetQueues, concurrency: number) {
		for (let n = 0; n < concurrency; n += 1) {
			for (const lane of LANES) this.#hire(ports, queues.lanes[lane], BATCH_SIZE, deliverHandler);
			this.#hire(ports, queues.work, 1, workHandler);
		}
	}

	/** Kills one worker that is pumping; false when none is. */
	killPump(): boolean {
		const pump = this.#workers.find(({ limit, isBusy, isDead }) => limit === 1 && isBusy && !isDead);
		if (!pump) return false;
		pump.isDead = true;
		pump.die();
		return true;
	}

	/** Takes no more messages; what is being worked on is left to itself. */
	stop(): void {
		this.#running = false;
	}

	#hire(ports: Ports, queue: StandardQueue, limit: number, handlerOf: (ports: Ports) => Handler): void {
		const mortal = mortalPorts(ports);
		const worker: Worker = { limit, die: mortal.die, isBusy: false, isDead: false };
		this.#workers.push(worker);
		this.#poll(worker, queue, handlerOf(mortal.ports)).catch((error: unknown) => console.error(error));
	}

	async #poll(worker: Worker, queue: StandardQueue, handler: Handler): Promise<void> {
		while (this.#running) {
			const batch = queue.receive(worker.limit);
			worker.isBusy = batch.length > 0;
			if (worker.isBusy) {
				const { batchItemFailures } = await handler(toSqsEvent(batch), {});
				const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
				queue.delete(batch.map(({ messageId }) => messageId).filter((id) => !failed.has(id)));
			} else await sleep(POLL_MS);
		}
	}
}
