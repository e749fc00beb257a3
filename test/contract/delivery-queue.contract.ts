import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import type { DeliveryQueue } from "../../lambda/ports.ts";
import { messageDueAt } from "../support/delivery-messages.ts";

/** A message as every world hands it out. */
type Received = Readonly<{ messageId: string; body: string; receiveCount: number }>;

/** A new, empty queue of the world under test, and its other end. */
export type DeliveryQueueHarness = Readonly<{
	queue: DeliveryQueue;
	/** Epoch ms, on the clock that due times refer to. */
	now(): number;
	waitUntil(instant: number): Promise<void>;
	/** Receives everything that is visible now. */
	receive(): Promise<readonly Received[]>;
	delete(messages: readonly Received[]): Promise<void>;
	/** Makes received messages that were not deleted visible again, as time would. */
	returnReceived(): Promise<void>;
	close(): Promise<void>;
}>;

/** What every `DeliveryQueue` promises. Due times are whole seconds away, which is all that SQS knows. */
export const deliveryQueueContract = (world: string, make: () => Promise<DeliveryQueueHarness>): void => {
	describe(world, () => {
		let harness: DeliveryQueueHarness;

		beforeEach(async () => {
			harness = await make();
		});
		afterEach(() => harness.close());

		const bodies = async (): Promise<unknown[]> =>
			(await harness.receive()).map(({ body }) => JSON.parse(body) as unknown);

		const byTask = (messages: readonly unknown[]): unknown[] =>
			(messages as DeliveryMessage[]).toSorted((a, b) => (a.task_id < b.task_id ? -1 : 1));

		describe("queueing messages", () => {
			it("hands out a due message as it was sent, for the first time", async () => {
				const message = messageDueAt(harness.now());
				await harness.queue.send([message]);
				const received = await harness.receive();
				expect(received.map(({ body }) => JSON.parse(body))).toEqual([message]);
				expect(received[0]?.receiveCount).toBe(1);
			});

			it("hands out a message that was due long ago at once", async () => {
				const message = messageDueAt(harness.now() - 86_400_000);
				await harness.queue.send([message]);
				expect(await bodies()).toEqual([message]);
			});

			it("hands out nothing before it is due", async () => {
				const dueAt = harness.now() + 2_000;
				const message = messageDueAt(dueAt);
				await harness.queue.send([message]);
				expect(await bodies()).toEqual([]);
				await harness.waitUntil(dueAt);
				expect(await bodies()).toEqual([message]);
			});

			it("hands out every message of a large batch, whatever its priority, exactly once", async () => {
				const now = harness.now();
				const messages = Array.from({ length: 45 }, (_, index) =>
					messageDueAt(now, { priority: (index % 10) + 1, queue: `queue-${index % 3}` }),
				);
				await harness.queue.send(messages);
				expect(byTask(await bodies())).toEqual(byTask(messages));
				expect(await bodies()).toEqual([]);
			});

			it("takes an empty batch", async () => {
				await expect(harness.queue.send([])).resolves.toBeUndefined();
				expect(await bodies()).toEqual([]);
			});

			it("hides a message that was received, and hands it out again if it is not deleted", async () => {
				const message = messageDueAt(harness.now());
				await harness.queue.send([message]);
				const [first] = await harness.receive();
				expect(await harness.receive()).toEqual([]);
				await harness.returnReceived();
				const [second] = await harness.receive();
				expect(second).toMatchObject({ messageId: first?.messageId, body: first?.body, receiveCount: 2 });
			});

			it("never hands out a deleted message again", async () => {
				const [kept, deleted] = [messageDueAt(harness.now()), messageDueAt(harness.now())];
				await harness.queue.send([kept, deleted]);
				const received = await harness.receive();
				await harness.delete(received.filter(({ body }) => body.includes(deleted.task_id)));
				await harness.returnReceived();
				expect(await bodies()).toEqual([kept]);
			});
		});
	});
};
