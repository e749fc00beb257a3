import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobMessage, PumpMessage, WorkMessage } from "../../lambda/core/work-message.ts";
import type { WorkQueue } from "../../lambda/ports.ts";
import { uniqueTeam } from "../support/unique-tasks.ts";

/** A message as every world hands it out. */
type Received = Readonly<{ messageId: string; body: string; receiveCount: number }>;

/** A new, empty queue of the world under test, and its other end. */
export type WorkQueueHarness = Readonly<{
	queue: WorkQueue;
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

const pumpAt = (due_at: number): PumpMessage => ({
	kind: "pump",
	team_id: uniqueTeam(),
	queue: "emails",
	due_at,
});

const jobAt = (due_at: number): JobMessage => ({
	kind: "job",
	team_id: uniqueTeam(),
	queue: "emails",
	due_at,
	job_id: "job_1",
});

/** What every `WorkQueue` promises. */
export const workQueueContract = (world: string, make: () => Promise<WorkQueueHarness>): void => {
	describe(world, () => {
		let harness: WorkQueueHarness;

		beforeEach(async () => {
			harness = await make();
		});
		afterEach(() => harness.close());

		const bodies = async (): Promise<WorkMessage[]> =>
			(await harness.receive()).map(({ body }) => JSON.parse(body) as WorkMessage);

		const byTeam = (messages: readonly WorkMessage[]): WorkMessage[] =>
			messages.toSorted((a, b) => (a.team_id < b.team_id ? -1 : 1));

		describe("queueing work", () => {
			it("knows how late it may be: a second at most", () => {
				expect(harness.queue.precisionMs).toBeGreaterThan(0);
				expect(harness.queue.precisionMs).toBeLessThanOrEqual(1_000);
			});

			it("hands out due messages as they were sent, for the first time", async () => {
				const messages = [pumpAt(harness.now()), jobAt(harness.now())];
				await harness.queue.send(messages);
				const received = await harness.receive();
				expect(byTeam(received.map(({ body }) => JSON.parse(body)))).toEqual(byTeam(messages));
				expect(received.map(({ receiveCount }) => receiveCount)).toEqual([1, 1]);
			});

			it("hands out a message that was due long ago at once", async () => {
				const message = pumpAt(harness.now() - 86_400_000);
				await harness.queue.send([message]);
				expect(await bodies()).toEqual([message]);
			});

			it("hands out nothing before it is due", async () => {
				const dueAt = harness.now() + 2_000;
				const message = pumpAt(dueAt);
				await harness.queue.send([message]);
				expect(await bodies()).toEqual([]);
				await harness.waitUntil(dueAt + harness.queue.precisionMs);
				expect(await bodies()).toEqual([message]);
			});

			it("hands out every message of a large batch exactly once", async () => {
				const now = harness.now();
				const messages = Array.from({ length: 25 }, (_, index) => (index % 2 ? pumpAt(now) : jobAt(now)));
				await harness.queue.send(messages);
				expect(byTeam(await bodies())).toEqual(byTeam(messages));
				expect(await bodies()).toEqual([]);
			});

			it("takes an empty batch", async () => {
				await expect(harness.queue.send([])).resolves.toBeUndefined();
				expect(await bodies()).toEqual([]);
			});

			it("hides a message that was received, and hands it out again if it is not deleted", async () => {
				await harness.queue.send([pumpAt(harness.now())]);
				const [first] = await harness.receive();
				expect(await harness.receive()).toEqual([]);
				await harness.returnReceived();
				const [second] = await harness.receive();
				expect(second).toMatchObject({ messageId: first?.messageId, body: first?.body, receiveCount: 2 });
			});

			it("never hands out a deleted message again", async () => {
				const [kept, deleted] = [pumpAt(harness.now()), jobAt(harness.now())];
				await harness.queue.send([kept, deleted]);
				const received = await harness.receive();
				await harness.delete(received.filter(({ body }) => body.includes(deleted.team_id)));
				await harness.returnReceived();
				expect(await bodies()).toEqual([kept]);
			});
		});
	});
};
