import { beforeEach, describe, expect, it, vi } from "vitest";
import { TtlCache } from "../../lambda/adapters/ttl-cache.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";

type Value = Readonly<{ version: number }>;

let clock: VirtualClock;
let cache: TtlCache<Value>;
beforeEach(() => {
	clock = new VirtualClock(0);
	cache = new TtlCache({ clock, ttlMs: 100, maxEntries: 2 });
});

const version = (number: number): Value => ({ version: number });
const loading = (value: Value | undefined) => vi.fn(async () => value);
/** A read that ends when it is told to. */
const slowRead = () => {
	const { promise, resolve, reject } = Promise.withResolvers<Value | undefined>();
	return { load: () => promise, resolve, reject };
};

describe("a cache", () => {
	it("shares one read among those who ask at the same time", async () => {
		const load = loading(version(1));
		const read = await Promise.all([cache.read("a", load), cache.read("a", load)]);
		expect(read).toEqual([version(1), version(1)]);
		expect(load).toHaveBeenCalledTimes(1);
	});

	it("counts the age of a value from the start of its read", async () => {
		const slow = slowRead();
		const first = cache.read("a", slow.load);
		clock.advanceBy(60);
		slow.resolve(version(1));
		await first;
		clock.advanceBy(40);
		expect(await cache.read("a", loading(version(2)))).toEqual(version(2));
	});

	it("forgets what failed and what was not found", async () => {
		await expect(cache.read("a", () => Promise.reject(new Error("down")))).rejects.toThrow("down");
		expect(await cache.read("a", loading(undefined))).toBeUndefined();
		expect(await cache.read("a", loading(version(1)))).toEqual(version(1));
	});

	it("forgets a value that is gone at its next read", async () => {
		cache.set("a", version(1));
		clock.advanceBy(100);
		expect(await cache.read("a", loading(undefined))).toBeUndefined();
	});

	it("does not let a read that began before a write hide it", async () => {
		const slow = slowRead();
		const before = cache.read("a", slow.load);
		cache.set("a", version(2));
		slow.resolve(version(1));
		expect(await before).toEqual(version(1));
		expect(await cache.read("a", loading(version(3)))).toEqual(version(2));
	});

	it("does not remember a read that began before it was told to forget", async () => {
		const slow = slowRead();
		const before = cache.read("a", slow.load);
		cache.forget("a");
		slow.resolve(version(1));
		await before;
		expect(await cache.read("a", loading(version(2)))).toEqual(version(2));
	});

	it("lets the value go that was not used for longest", async () => {
		cache.set("a", version(1));
		cache.set("b", version(1));
		await cache.read("a", loading(version(2)));
		cache.set("c", version(1));
		expect(await cache.read("a", loading(version(2)))).toEqual(version(1));
		expect(await cache.read("b", loading(version(2)))).toEqual(version(2));
	});
});
