import {
	MAX_RECEIVES,
	VISIBILITY_SECONDS,
	WORK_VISIBILITY_SECONDS,
} from "../../../lambda/core/delivery-limits.ts";
import type { DeliveryMessage } from "../../../lambda/core/delivery-message.ts";
import type { WorkMessage } from "../../../lambda/core/work-message.ts";
import type { Clock } from "../../../lambda/ports.ts";
import { ModelDeliveryQueue } from "./model-delivery-queue.ts";
import { ModelIdempotencyStore } from "./model-idempotency-store.ts";
import { ModelJobStore } from "./model-job-store.ts";
import { ModelKeyCipher } from "./model-key-cipher.ts";
import { ModelKeyStore } from "./model-key-store.ts";
import { ModelMessageQueue } from "./model-message-queue.ts";
import { ModelPumpSheetStore } from "./model-pump-sheet-store.ts";
import { ModelQueueStore } from "./model-queue-store.ts";
import { ModelTaskScheduler } from "./model-task-scheduler.ts";
import { ModelTaskStore } from "./model-task-store.ts";
import { ModelWaitingLine } from "./model-waiting-line.ts";
import { ModelWorkQueue } from "./model-work-queue.ts";
import type { TimePrecision } from "./time-precision.ts";

/** Receives by the drain after which a dead letter is left to a person (lib/dead-letters.ts). */
const RECEIVES_IN_DRAIN = 5;

/** Messages that a pump reads at a time, as in the world of that precision. */
const LINE_PAGE_SIZE: Readonly<Record<TimePrecision, number>> = { aws: 100, embedded: 1 };

type WorldOptions = Readonly<{
	clock: Clock;
	precision: TimePrecision;
	/** Drawn once for each schedule: how much later than asked it fires, up to a minute, in ms. */
	scheduleLateness?: () => number;
	/** Tasks looked at for a page of a walk, 100 at most. */
	walkPageSize?: number;
}>;

/** The queues behind each other: what is received too often goes to the drain, and from there to the quarantine. */
const messageQueuesOf = (clock: Clock) => {
	const visibilitySeconds = VISIBILITY_SECONDS;
	const quarantine = new ModelMessageQueue<DeliveryMessage | WorkMessage>({
		clock,
		name: "quarantine",
		visibilitySeconds,
	});
	const deadLetters = new ModelMessageQueue<DeliveryMessage | WorkMessage>({
		clock,
		name: "dead",
		visibilitySeconds,
		maxReceives: MAX_RECEIVES + RECEIVES_IN_DRAIN,
		deadLetters: quarantine,
	});
	const toDeadLetters = { clock, maxReceives: MAX_RECEIVES, deadLetters };
	return {
		messages: new ModelMessageQueue<DeliveryMessage>({
			...toDeadLetters,
			name: "delivery",
			visibilitySeconds,
		}),
		workMessages: new ModelMessageQueue<WorkMessage>({
			...toDeadLetters,
			name: "work",
			visibilitySeconds: WORK_VISIBILITY_SECONDS,
		}),
		deadLetters,
		quarantine,
	};
};

/**
 * Everything that the product keeps, as plain values in memory: what the ports promise and nothing else. Each call
 * has all of its effect before it returns its promise; nothing waits, and nothing is left to chance. There are no
 * caches in it, and no time passes: schedules fire when `stores.scheduler.moveDue` is called.
 */
export const createModelWorld = ({
	clock,
	precision,
	scheduleLateness = () => 0,
	walkPageSize,
}: WorldOptions) => {
	const queues = messageQueuesOf(clock);
	const { messages, workMessages } = queues;
	const jobs = new ModelJobStore();
	const stores = {
		tasks: new ModelTaskStore({ clock, jobs, pageSize: walkPageSize }),
		idempotency: new ModelIdempotencyStore(),
		queues: new ModelQueueStore(),
		keys: new ModelKeyStore(),
		cipher: new ModelKeyCipher(),
		line: new ModelWaitingLine(LINE_PAGE_SIZE[precision]),
		pumpSheets: new ModelPumpSheetStore(),
		jobs,
		deliveryQueue: new ModelDeliveryQueue({ messages, clock, precision }),
		workQueue: new ModelWorkQueue({ messages: workMessages, clock, precision }),
		scheduler: new ModelTaskScheduler({ messages, precision, lateness: scheduleLateness }),
	};
	return {
		...queues,
		stores,
		/** Deletes tasks and jobs that were kept for long enough. */
		prune: () => {
			stores.tasks.prune(clock.now());
			stores.jobs.prune(clock.now());
		},
		/** Everything there is at this moment, for whoever checks the world from outside. */
		inspect: () => ({
			tasks: stores.tasks.all(),
			queues: stores.queues.all(),
			jobs: stores.jobs.all(),
			idempotency: stores.idempotency.all(),
			line: stores.line.all(),
			schedules: stores.scheduler.all(),
			messages: messages.all(),
			workMessages: workMessages.all(),
			deadLetters: queues.deadLetters.all(),
			quarantine: queues.quarantine.all(),
		}),
	};
};

export type ModelWorld = ReturnType<typeof createModelWorld>;
