import type { DeliveryMessage } from "../../../lambda/core/delivery-message.ts";
import type { TaskScheduler } from "../../../lambda/ports.ts";
import type { ModelMessageQueue } from "./model-message-queue.ts";
import { delayMs, type TimePrecision } from "./time-precision.ts";

/** EventBridge Scheduler fires within a minute of its time (its user guide, "one-time schedules"). */
const MAX_LATENESS_MS = 60_000;

/** A message that will be sent at `fireAt` (epoch ms). */
export type ModelSchedule = Readonly<{ message: DeliveryMessage; fireAt: number }>;

type Options = Readonly<{
	messages: ModelMessageQueue<DeliveryMessage>;
	precision: TimePrecision;
	/** Drawn once for each schedule: how much later than asked it fires, up to a minute, in ms. */
	lateness: () => number;
}>;

/** The same in both worlds: one attempt of a task has one schedule at most. */
const nameOf = ({ task_id, attempt }: DeliveryMessage): string => `${task_id}-${attempt}`;

/**
 * Schedules as a map. The two worlds differ in what is left to them: on AWS a schedule of this name stays as it is,
 * its instant is cut to the second, and what it sends is received at once; embedded it is replaced, and its message
 * waits for the rest of its delay.
 */
export class ModelTaskScheduler implements TaskScheduler {
	readonly #options: Options;
	readonly #schedules = new Map<string, ModelSchedule>();

	constructor(options: Options) {
		this.#options = options;
	}

	async schedule(message: DeliveryMessage, fireAt: number): Promise<void> {
		const name = nameOf(message);
		const isAws = this.#options.precision === "aws";
		if (isAws && this.#schedules.has(name)) return;
		const asked = isAws ? Math.floor(fireAt / 1_000) * 1_000 : fireAt;
		this.#schedules.set(name, {
			message,
			fireAt: asked + Math.min(this.#options.lateness(), MAX_LATENESS_MS),
		});
	}

	async unschedule(message: DeliveryMessage): Promise<void> {
		this.#schedules.delete(nameOf(message));
	}

	/** Sends what has to fire by `now` (epoch ms) to the delivery queue, the earliest first; returns how many. */
	moveDue(now: number): number {
		const due = [...this.#schedules.values()]
			.filter(({ fireAt }) => fireAt <= now)
			.sort((a, b) => a.fireAt - b.fireAt);
		for (const { message } of due) this.#fire(message, now);
		return due.length;
	}

	/** When the next schedule fires, if there is any. */
	nextFireAt(): number | undefined {
		let next: number | undefined;
		for (const { fireAt } of this.#schedules.values()) if (next === undefined || fireAt < next) next = fireAt;
		return next;
	}

	all(): readonly ModelSchedule[] {
		return [...this.#schedules.values()];
	}

	#fire(message: DeliveryMessage, now: number): void {
		const { messages, precision } = this.#options;
		this.#schedules.delete(nameOf(message));
		messages.enqueue(message, precision === "aws" ? 0 : delayMs(message.due_at, now, precision));
	}
}
