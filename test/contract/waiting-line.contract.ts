import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import type { QueueKey } from "../../lambda/core/queue.ts";
import { LINE_SHARDS, lineShard, waitingRank } from "../../lambda/core/waiting-rank.ts";
import type { WaitingLine } from "../../lambda/ports.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { NOON, uniqueTeam } from "../support/unique-tasks.ts";

export type WaitingLineHarness = Readonly<{ line: WaitingLine; close(): Promise<void> }>;

const ALL_SHARDS = Array.from({ length: LINE_SHARDS }, (_, shard) => shard);

const byRank = (messages: readonly DeliveryMessage[]): DeliveryMessage[] =>
	messages.toSorted((a, b) => waitingRank(a) - waitingRank(b));

/** What every `WaitingLine` promises. */
export const waitingLineContract = (world: string, make: () => Promise<WaitingLineHarness>): void => {
	describe(world, () => {
		let harness: WaitingLineHarness;
		let line: WaitingLine;
		let queue: QueueKey;

		beforeEach(async () => {
			harness = await make();
			line = harness.line;
			queue = { teamId: uniqueTeam(), name: "emails" };
		});
		afterEach(() => harness.close());

		/** A message of the queue under test. */
		const waiting = (dueAt: number, changes: Partial<DeliveryMessage> = {}): DeliveryMessage =>
			messageDueAt(dueAt, { team_id: queue.teamId, queue: queue.name, ...changes });

		/** Messages of which no two have the same rank. */
		const several = (count: number): DeliveryMessage[] =>
			Array.from({ length: count }, (_, index) => waiting(NOON + ((index * 7) % count)));

		const first = (limit = 100, shards = ALL_SHARDS) => line.first(queue, shards, limit);

		describe("waiting in line", () => {
			it("is over for nobody when nobody waits", async () => {
				expect(await first()).toEqual([]);
			});

			it("keeps messages as they are, in the order of their rank", async () => {
				const messages = several(60);
				await line.add(messages);
				expect(await first()).toEqual(byRank(messages));
			});

			it("lets higher priorities overtake by a minute a level, and no more", async () => {
				const ordinary = waiting(NOON);
				const urgent = waiting(NOON + 59_999, { priority: 6 });
				const late = waiting(NOON + 60_001, { priority: 6 });
				const low = waiting(NOON - 239_998, { priority: 1 });
				const lowButPatient = waiting(NOON - 240_002, { priority: 1 });
				await line.add([low, late, ordinary, urgent, lowButPatient]);
				expect(await first()).toEqual([lowButPatient, urgent, ordinary, late, low]);
			});

			it("puts late-comers where they belong", async () => {
				const messages = several(9);
				for (const message of messages) await line.add([message]);
				expect(await first(5)).toEqual(byRank(messages).slice(0, 5));
			});

			it("shows as many as asked for, those of the lowest rank", async () => {
				const messages = several(60);
				await line.add(messages);
				expect(await first(1)).toEqual(byRank(messages).slice(0, 1));
				expect(await first(37)).toEqual(byRank(messages).slice(0, 37));
			});

			it("shows only the shards asked for", async () => {
				const messages = several(60);
				await line.add(messages);
				for (const shards of [[0], [3], [1, 2], [0, 2, 3]]) {
					const expected = byRank(messages).filter(({ task_id }) => shards.includes(lineShard(task_id)));
					expect(await first(100, shards)).toEqual(expected);
					expect(await first(4, shards)).toEqual(expected.slice(0, 4));
				}
			});

			it("keeps a message once, however often it is added", async () => {
				const message = waiting(NOON);
				await line.add([message, message]);
				await line.add([message]);
				expect(await first()).toEqual([message]);
				await line.remove([message]);
				expect(await first()).toEqual([]);
			});

			it("keeps the attempts of a task apart", async () => {
				const message = waiting(NOON);
				const next = { ...message, attempt: 2 };
				await line.add([message, next]);
				await line.remove([message]);
				expect(await first()).toEqual([next]);
			});

			it("takes an empty batch", async () => {
				await line.add([]);
				await line.remove([]);
				expect(await first()).toEqual([]);
			});

			it("tells teams and queues apart", async () => {
				const mine = waiting(NOON);
				const [otherQueue, otherTeam] = [
					{ ...mine, queue: "Emails" },
					{ ...mine, team_id: uniqueTeam() },
				];
				await line.add([mine, otherQueue, otherTeam]);
				await line.remove([otherQueue]);
				expect(await first()).toEqual([mine]);
				expect(await line.first({ ...queue, name: "Emails" }, ALL_SHARDS, 10)).toEqual([]);
				const otherKey = { ...queue, teamId: otherTeam.team_id };
				expect(await line.first(otherKey, ALL_SHARDS, 10)).toEqual([otherTeam]);
			});
		});

		describe("leaving the line", () => {
			it("lets the next ones move up", async () => {
				const messages = byRank(several(60));
				await line.add(messages);
				await line.remove(messages.slice(0, 40));
				expect(await first()).toEqual(messages.slice(40));
			});

			it("is no error for those who have left", async () => {
				const [gone, here] = [waiting(NOON), waiting(NOON)];
				await line.add([here]);
				await line.remove([gone, gone]);
				expect(await first()).toEqual([here]);
			});

			it("does not keep anyone from coming back", async () => {
				const message = waiting(NOON);
				await line.add([message]);
				await line.remove([message]);
				await line.add([message]);
				expect(await first()).toEqual([message]);
			});
		});
	});
};
