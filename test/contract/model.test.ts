import { VISIBILITY_SECONDS, WORK_VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { createModelWorld } from "../simulation/model/model-world.ts";
import { NOON } from "../support/unique-tasks.ts";
import { deliveryQueueContract } from "./delivery-queue.contract.ts";
import { idempotencyStoreContract } from "./idempotency-store.contract.ts";
import { jobStoreContract } from "./job-store.contract.ts";
import { keyCipherContract } from "./key-cipher.contract.ts";
import { keyStoreContract } from "./key-store.contract.ts";
import { pumpSheetStoreContract } from "./pump-sheet-store.contract.ts";
import { queueStoreContract } from "./queue-store.contract.ts";
import { taskInterventionsContract } from "./task-interventions.contract.ts";
import { taskListingContract } from "./task-listing.contract.ts";
import { taskSchedulerContract } from "./task-scheduler.contract.ts";
import { taskStoreContract } from "./task-store.contract.ts";
import { waitingLineContract } from "./waiting-line.contract.ts";
import { workQueueContract } from "./work-queue.contract.ts";

const close = async (): Promise<void> => undefined;

for (const precision of ["aws", "embedded"] as const) {
	const world = `model, ${precision}`;
	const open = () => {
		const clock = new VirtualClock(NOON);
		const model = createModelWorld({ clock, precision });
		return { ...model, ...model.stores, clock };
	};
	const makeTasks = async () => ({ store: open().tasks, close });
	taskStoreContract(world, makeTasks);
	taskInterventionsContract(world, makeTasks);
	taskListingContract(world, makeTasks);
	idempotencyStoreContract(world, async () => ({ store: open().idempotency, close }));
	queueStoreContract(world, async () => ({ store: open().stores.queues, close }));
	waitingLineContract(world, async () => ({ line: open().line, close }));
	pumpSheetStoreContract(world, async () => ({ store: open().pumpSheets, close }));
	jobStoreContract(world, async () => ({ store: open().jobs, close }));
	keyStoreContract(world, async () => ({ store: open().keys, close }));
	keyCipherContract(world, async () => ({ cipher: open().cipher, close }));
	deliveryQueueContract(world, async () => {
		const { deliveryQueue, messages, clock } = open();
		return {
			queue: deliveryQueue,
			now: () => clock.now(),
			waitUntil: async (instant) => clock.advanceTo(instant),
			receive: async () => messages.receive(clock.now(), 1_000),
			delete: async (received) => messages.delete(received.map(({ messageId }) => messageId)),
			returnReceived: async () => clock.advanceBy(VISIBILITY_SECONDS * 1_000),
			close,
		};
	});
	workQueueContract(world, async () => {
		const { workQueue, workMessages, clock } = open();
		return {
			queue: workQueue,
			now: () => clock.now(),
			waitUntil: async (instant) => clock.advanceTo(instant),
			receive: async () => workMessages.receive(clock.now(), 1_000),
			delete: async (received) => workMessages.delete(received.map(({ messageId }) => messageId)),
			returnReceived: async () => clock.advanceBy(WORK_VISIBILITY_SECONDS * 1_000),
			close,
		};
	});
	taskSchedulerContract(world, async () => {
		const { scheduler, messages, clock } = open();
		return {
			scheduler,
			now: () => clock.now(),
			waitUntilFired: async (instant) => {
				clock.advanceTo(instant);
				scheduler.moveDue(instant);
			},
			receive: async () => {
				const received = messages.receive(clock.now(), 1_000);
				messages.delete(received.map(({ messageId }) => messageId));
				return received.map(({ body }) => body);
			},
			close,
		};
	});
}
