import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TaskScheduler } from "../../lambda/ports.ts";
import { messageDueAt } from "../support/delivery-messages.ts";

/** A new, empty scheduler of the world under test, and the other end of its delivery queue. */
export type TaskSchedulerHarness = Readonly<{
	scheduler: TaskScheduler;
	/** Epoch ms, on the clock that schedules refer to. */
	now(): number;
	/** Waits until everything scheduled for `instant` or before has reached the delivery queue. */
	waitUntilFired(instant: number): Promise<void>;
	/** The bodies of the messages in the delivery queue, which are taken out of it. */
	receive(): Promise<readonly string[]>;
	close(): Promise<void>;
}>;

/** What every `TaskScheduler` promises. Times are whole seconds away, which is all that EventBridge knows. */
export const taskSchedulerContract = (world: string, make: () => Promise<TaskSchedulerHarness>): void => {
	describe(world, () => {
		let harness: TaskSchedulerHarness;

		beforeEach(async () => {
			harness = await make();
		});
		afterEach(() => harness.close());

		const received = async (): Promise<unknown[]> =>
			(await harness.receive()).map((body) => JSON.parse(body) as unknown);

		describe("scheduling messages", () => {
			it("sends a message to the delivery queue at its time, as it was given, once", async () => {
				const fireAt = harness.now() + 2_000;
				const message = messageDueAt(fireAt);
				await harness.scheduler.schedule(message, fireAt);
				expect(await received()).toEqual([]);
				await harness.waitUntilFired(fireAt);
				expect(await received()).toEqual([message]);
				expect(await received()).toEqual([]);
			});

			it("sends a message only once that was scheduled twice", async () => {
				const fireAt = harness.now() + 2_000;
				const message = messageDueAt(fireAt);
				await Promise.all([
					harness.scheduler.schedule(message, fireAt),
					harness.scheduler.schedule(message, fireAt),
				]);
				await harness.scheduler.schedule(message, fireAt);
				await harness.waitUntilFired(fireAt);
				expect(await received()).toEqual([message]);
			});

			it("keeps the schedules of two attempts of a task apart", async () => {
				const fireAt = harness.now() + 2_000;
				const first = messageDueAt(fireAt);
				const second = { ...first, attempt: 2 };
				await harness.scheduler.schedule(first, fireAt);
				await harness.scheduler.schedule(second, fireAt);
				await harness.scheduler.unschedule(first);
				await harness.waitUntilFired(fireAt);
				expect(await received()).toEqual([second]);
			});

			it("forgets what was unscheduled, and can be told again", async () => {
				const fireAt = harness.now() + 2_000;
				const [gone, back] = [messageDueAt(fireAt), messageDueAt(fireAt)];
				for (const message of [gone, back]) {
					await harness.scheduler.schedule(message, fireAt);
					await harness.scheduler.unschedule(message);
				}
				await harness.scheduler.schedule(back, fireAt);
				await harness.waitUntilFired(fireAt);
				expect(await received()).toEqual([back]);
			});

			it("does not mind unscheduling what is not scheduled", async () => {
				const message = messageDueAt(harness.now() + 2_000);
				await expect(harness.scheduler.unschedule(message)).resolves.toBeUndefined();
			});
		});
	});
};
