import { decodeTime } from "ulid";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseTaskId, taskIdFor } from "../../lambda/core/task-id.ts";
import { newSecret } from "../../lambda/usecases/create-api-key.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID's 80 random bits. */
const randomPart = (ulid: string): bigint =>
	[...ulid.slice(10)].reduce((bits, character) => bits * 32n + BigInt(ALPHABET.indexOf(character)), 0n);

/** A source of its own: ULIDs of one that has been used for later instants would go on from those. */
const newSystemRandom = async () => {
	vi.resetModules();
	return (await import("../../lambda/adapters/system.ts")).systemRandom;
};

/** How often each value stands at each of the places of the texts, at most and at least. */
const extremes = (texts: readonly string[], alphabet: string): readonly [least: number, most: number] => {
	const counts = [...(texts[0] ?? "")].flatMap((_, place) =>
		[...alphabet].map((character) => texts.filter((text) => text[place] === character).length),
	);
	return [Math.min(...counts), Math.max(...counts)];
};

describe("ids", () => {
	it("have 80 random bits for each new millisecond, all of them evenly spread", async () => {
		const random = await newSystemRandom();
		const parts = Array.from({ length: 6_400 }, (_, instant) => random.ulid(START + instant).slice(10));
		expect(new Set(parts).size).toBe(6_400);
		const [least, most] = extremes(parts, ALPHABET);
		// 200 are expected of each, with a standard deviation of 14: eight of them is one in 10^14.
		expect(least).toBeGreaterThan(88);
		expect(most).toBeLessThan(312);
	});

	it("of the same millisecond are neighbours: who has one can guess the next, so ids must never be a permission", async () => {
		const random = await newSystemRandom();
		const first = random.ulid(START);
		const second = random.ulid(START);
		expect(decodeTime(second)).toBe(decodeTime(first));
		expect(randomPart(second) - randomPart(first)).toBe(1n);
		// Nothing else in a task id is secret: its shard follows from the ULID, and the rest from the queue's name.
		const { shard, queueHash } = parseTaskId(taskIdFor(second, "emails")) ?? {};
		expect(taskIdFor(second, "emails")).toBe(`task_${second}${shard}${queueHash}`);
		// That is why every look-up is by team and id: see foreign-ids.test.ts.
	});
});

describe("secrets", () => {
	it("have 192 random bits, evenly spread, and nothing in common with each other", () => {
		const secrets = Array.from({ length: 6_400 }, () => newSecret(world.ports, "live"));
		const parts = secrets.map((secret) => secret.slice("aq_live_".length));
		expect(new Set(parts).size).toBe(6_400);
		expect(parts.every((part) => part.length === 32)).toBe(true);
		const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
		const [least, most] = extremes(parts, base64url);
		// 100 are expected of each, with a standard deviation of 10.
		expect(least).toBeGreaterThan(20);
		expect(most).toBeLessThan(180);
	});

	it("cannot be told from the prefix that is shown: 168 bits remain", async () => {
		const [key] = await world.ports.keys.list("team-a");
		const shown = key?.secrets[0]?.prefix ?? "";
		expect(world.secret.startsWith(shown)).toBe(true);
		expect((world.secret.length - shown.length) * 6).toBe(168);
	});
});
