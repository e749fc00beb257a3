import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import type { WaitingLine } from "../../lambda/ports.ts";
import { LineReader } from "../../lambda/usecases/line-reader.ts";
import { overriding } from "../support/port-overrides.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const QUEUE = { teamId: "team-a", name: "emails" };

/** The one seat that there is, and the first of two: whose part of the line are shards 0 and 2. */
const ALONE = { held: [0], seats: 1 };
const FIRST_OF_TWO = { held: [0], seats: 2 };

let world: TestWorld;
let line: WaitingLine;
/** Messages that were read from the store, over all reads. */
let read: number;
beforeEach(async () => {
	world = await createTestWorld();
	read = 0;
	line = inPagesOf(1);
});
afterEach(() => world.close());

const inPagesOf = (pageSize: number): WaitingLine => {
	const real = world.ports.line;
	return overriding(real, {
		pageSize,
		first: async (...args) => {
			const messages = await real.first(...args);
			read += messages.length;
			return messages;
		},
	});
};

/** A message that is in line, in this shard. */
const inLine = async (shard: number, number = 0, priority = 5): Promise<DeliveryMessage> => {
	const name = String(number).padStart(4, "0");
	const message = {
		team_id: QUEUE.teamId,
		task_id: `task_01KANV8E00ABCDEFGHJKMN${name}${shard}SVDYG6`,
		queue: QUEUE.name,
		priority,
		attempt: 1,
		due_at: START + number,
	};
	await line.add([message]);
	return message;
};

describe("a pump reads its queue's waiting line", () => {
	it("its own part first, in order, then nothing", async () => {
		const [foreign, later, sooner] = [await inLine(1, 0), await inLine(0, 2), await inLine(2, 1)];
		const reader = new LineReader(line, QUEUE);
		for (const message of [sooner, later, foreign]) {
			expect(await reader.next(FIRST_OF_TWO, 1, START)).toEqual(message);
			reader.take((await reader.next(FIRST_OF_TWO, 1, START)) as DeliveryMessage);
		}
		expect(await reader.next(FIRST_OF_TWO, 1, START)).toBeUndefined();
		expect(reader.hasMore).toBe(false);
	});

	it("that of another from its far end, and one at a time, as its own pump begins at the head", async () => {
		const [head, tail] = [await inLine(1, 0), await inLine(3, 1)];
		const reader = new LineReader(line, QUEUE);
		expect(await reader.next(FIRST_OF_TWO, 5, START)).toEqual(tail);
		reader.take((await reader.next(FIRST_OF_TWO, 5, START)) as DeliveryMessage);
		expect(reader.hasMore).toBe(true);
		expect(await reader.next(FIRST_OF_TWO, 5, START)).toEqual(head);
		reader.take((await reader.next(FIRST_OF_TWO, 5, START)) as DeliveryMessage);
		expect(reader.hasMore).toBe(false);
	});

	it("looks at ten messages of another's part, however many there are", async () => {
		for (let number = 0; number < 30; number += 1) await inLine(1, number);
		const reader = new LineReader(line, QUEUE);
		expect(await reader.next(FIRST_OF_TWO, 5, START)).toMatchObject({ due_at: START + 9 });
		expect(read).toBe(10);
	});

	it("gives a message again until it is taken, and not after that, also when it is back with new ones", async () => {
		const first = await inLine(0, 1);
		const reader = new LineReader(line, QUEUE);
		expect(await reader.next(ALONE, 1, START)).toEqual(first);
		reader.take((await reader.next(ALONE, 1, START)) as DeliveryMessage);
		expect(await reader.next(ALONE, 1, START)).toBeUndefined();
		const second = await inLine(0, 2);
		expect(await reader.next(ALONE, 1, START)).toEqual(second);
		await reader.remove(first);
		expect(await reader.next(ALONE, 1, START)).toEqual(second);
		await line.add([first]);
		reader.take((await reader.next(ALONE, 1, START)) as DeliveryMessage);
		expect(await reader.next(ALONE, 1, START)).toBeUndefined();
	});

	it("gives the message of the task's next attempt, though it had that of the last one", async () => {
		const first = await inLine(0, 1);
		const reader = new LineReader(line, QUEUE);
		reader.take((await reader.next(ALONE, 1, START)) as DeliveryMessage);
		await reader.remove(first);
		for (const change of [{ attempt: 2 }, { priority: 6 }, { due_at: START + 5 }]) {
			const next = { ...first, ...change };
			await line.add([next]);
			expect(await reader.next(ALONE, 1, START)).toEqual(next);
			reader.take((await reader.next(ALONE, 1, START)) as DeliveryMessage);
			await reader.remove(next);
		}
	});

	it("sees a higher priority that joins within a second", async () => {
		line = inPagesOf(100);
		const [first, second] = [await inLine(0, 1), await inLine(0, 2)];
		const reader = new LineReader(line, QUEUE);
		reader.take((await reader.next(ALONE, 1, START)) as DeliveryMessage);
		const urgent = await inLine(0, 3, 10);
		expect(await reader.next(ALONE, 1, START + 999)).toEqual(second);
		expect(await reader.next(ALONE, 1, START + 1_000)).toEqual(urgent);
		expect(first.priority).toBe(5);
	});

	it.each([
		["as it can work on", 1, 20, 20],
		["as its store gives at a time", 10, 3, 10],
	])("as many messages at once %s, and knows that there are more", async (_, pageSize, room, expected) => {
		line = inPagesOf(pageSize);
		for (let number = 0; number <= expected; number += 1) await inLine(0, number);
		const reader = new LineReader(line, QUEUE);
		for (let number = 0; number < expected; number += 1) {
			expect(reader.hasMore).toBe(number > 0);
			const message = (await reader.next(ALONE, room, START)) as DeliveryMessage;
			expect(message).toMatchObject({ due_at: START + number });
			reader.take(message);
		}
		expect(read).toBe(expected);
		expect(reader.hasMore).toBe(true);
		expect(await reader.next(ALONE, room, START)).toMatchObject({ due_at: START + expected });
		expect(read).toBe(expected + expected + 1);
		reader.take((await reader.next(ALONE, room, START)) as DeliveryMessage);
		expect(reader.hasMore).toBe(false);
	});

	it("each message only a few times, however many are being worked on", async () => {
		const count = 400;
		for (let number = 0; number < count; number += 1) await inLine(0, number);
		const reader = new LineReader(line, QUEUE);
		for (let number = 0; number < count; number += 1)
			reader.take((await reader.next(ALONE, 1, START)) as DeliveryMessage);
		expect(await reader.next(ALONE, 1, START)).toBeUndefined();
		expect(read).toBeLessThan(10 * count);
		expect(read).toBeGreaterThan(2 * count);
	});
});
