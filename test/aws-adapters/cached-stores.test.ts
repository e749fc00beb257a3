import { beforeEach, describe, expect, it, vi } from "vitest";
import { CachedKeyStore } from "../../lambda/adapters/cached-key-store.ts";
import { CachedQueueStore } from "../../lambda/adapters/cached-queue-store.ts";
import type { ApiKey, ApiKeySecret } from "../../lambda/core/api-key.ts";
import { defaultQueueSettings, type Queue } from "../../lambda/core/queue.ts";
import type { KeyStore } from "../../lambda/key-store.ts";
import type { QueueStore } from "../../lambda/ports.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";

let clock: VirtualClock;
beforeEach(() => {
	clock = new VirtualClock(1_000_000);
});

const queue = (maxRetries: number): Queue => ({
	teamId: "acme",
	name: "emails",
	settings: { ...defaultQueueSettings, max_retries: maxRetries },
	createdAt: 1,
	updatedAt: 1,
});

describe("remembered queues", () => {
	const storeOf = (stored: Queue | undefined) => ({
		get: vi.fn<QueueStore["get"]>(async () => stored),
		create: vi.fn<QueueStore["create"]>(async (created) => stored ?? created),
		put: vi.fn<QueueStore["put"]>(async (put) => put),
		hold: vi.fn<QueueStore["hold"]>(async (_, heldUntil) => stored && { ...stored, heldUntil }),
	});
	/** The methods that a test does not give are not called. */
	const cachedOver = (store: Partial<QueueStore>) =>
		new CachedQueueStore({ store: store as QueueStore, clock });

	it("are read once in five seconds", async () => {
		const store = storeOf(queue(3));
		const cached = cachedOver(store);
		expect(await cached.get("acme", "emails")).toEqual(queue(3));
		clock.advanceBy(4_999);
		expect(await cached.get("acme", "emails")).toEqual(queue(3));
		expect(store.get).toHaveBeenCalledTimes(1);
		clock.advanceBy(1);
		await cached.get("acme", "emails");
		expect(store.get).toHaveBeenCalledTimes(2);
	});

	it("are kept apart by team and name", async () => {
		const store = storeOf(undefined);
		store.get.mockImplementation(async (teamId, name) => ({ ...queue(3), teamId, name }));
		const cached = cachedOver(store);
		for (const [teamId, name] of [
			["acme", "emails"],
			["acme", "reports"],
			["other", "emails"],
		] as const)
			expect(await cached.get(teamId, name)).toMatchObject({ teamId, name });
	});

	it("show what was just written here", async () => {
		const store = storeOf(undefined);
		const cached = cachedOver(store);
		expect(await cached.get("acme", "emails")).toBeUndefined();
		expect(await cached.create(queue(1))).toEqual(queue(1));
		expect(await cached.get("acme", "emails")).toEqual(queue(1));
		await cached.put(queue(2));
		expect(await cached.get("acme", "emails")).toEqual(queue(2));
		expect(store.get).toHaveBeenCalledTimes(1);
	});

	it("are read again after a write of which nobody knows whether it was made", async () => {
		const store = storeOf(queue(3));
		store.put.mockRejectedValue(new Error("timeout"));
		const cached = cachedOver(store);
		await cached.get("acme", "emails");
		await expect(cached.put(queue(4))).rejects.toThrow("timeout");
		await cached.get("acme", "emails");
		expect(store.get).toHaveBeenCalledTimes(2);
	});

	it.each(["known", "not known"])(
		"stay held for longest when answers overtake each other: %s before",
		async (state) => {
			const store = storeOf(queue(3));
			const cached = cachedOver(store);
			if (state === "known") await cached.get("acme", "emails");
			store.get.mockClear();
			const answers = [30, 60].map((heldUntil) => {
				const { promise, resolve } = Promise.withResolvers<Queue>();
				store.hold.mockReturnValueOnce(promise);
				return {
					holding: cached.hold(queue(3), heldUntil),
					answer: () => resolve({ ...queue(3), heldUntil }),
				};
			});
			for (const { holding, answer } of answers.reverse()) {
				answer();
				await holding;
				expect(await cached.get("acme", "emails")).toEqual({ ...queue(3), heldUntil: 60 });
			}
			expect(store.get).not.toHaveBeenCalled();
		},
	);

	it("are read again after a hold of which nobody knows whether it was made", async () => {
		const store = storeOf(queue(3));
		const cached = cachedOver(store);
		await cached.get("acme", "emails");
		store.hold.mockRejectedValue(new Error("timeout"));
		await expect(cached.hold(queue(3), 60)).rejects.toThrow("timeout");
		await cached.get("acme", "emails");
		expect(store.get).toHaveBeenCalledTimes(2);
	});

	it("are none when there was nothing to hold", async () => {
		const store = storeOf(queue(3));
		const cached = cachedOver(store);
		await cached.get("acme", "emails");
		store.hold.mockResolvedValue(undefined);
		expect(await cached.hold(queue(3), 60)).toBeUndefined();
		store.get.mockResolvedValue(undefined);
		expect(await cached.get("acme", "emails")).toBeUndefined();
	});
});

const secret = (hash: string): ApiKeySecret => ({ hash, prefix: "aq_live_", ciphertext: "v1.x" });
const apiKey = (overrides: Partial<ApiKey> = {}): ApiKey => ({
	teamId: "acme",
	id: "key_1",
	name: "ci",
	mode: "live",
	secrets: [secret("h1")],
	createdAt: 1,
	...overrides,
});

describe("remembered keys", () => {
	let stored: ApiKey | undefined;
	const store = {
		put: vi.fn<KeyStore["put"]>(),
		get: vi.fn<KeyStore["get"]>(async () => stored),
		findByHash: vi.fn<KeyStore["findByHash"]>(async () => stored),
		list: vi.fn<KeyStore["list"]>(async () => (stored ? [stored] : [])),
		revoke: vi.fn<KeyStore["revoke"]>(async (_team, _id, revokedAt) => stored && { ...stored, revokedAt }),
		rotate: vi.fn<KeyStore["rotate"]>(
			async (_team, _id, added) => stored && { ...stored, secrets: [added, ...stored.secrets] },
		),
		walk: vi.fn<KeyStore["walk"]>(async () => ({ keys: stored ? [stored] : [] })),
		reseal: vi.fn<KeyStore["reseal"]>(async () => true),
		touch: vi.fn<KeyStore["touch"]>(async () => undefined),
	};
	let keys: CachedKeyStore;
	beforeEach(() => {
		vi.clearAllMocks();
		stored = apiKey();
		keys = new CachedKeyStore({ store, clock });
	});

	it("stop authenticating within 30 s of being revoked elsewhere", async () => {
		await keys.findByHash("h1");
		stored = apiKey({ revokedAt: clock.now() });
		clock.advanceBy(29_999);
		expect((await keys.findByHash("h1"))?.revokedAt).toBeUndefined();
		clock.advanceBy(1);
		expect((await keys.findByHash("h1"))?.revokedAt).toBeDefined();
	});

	it("sign with a secret made elsewhere within 5 s, before the default retries are over", async () => {
		await keys.get("acme", "key_1");
		stored = apiKey({ secrets: [secret("h2"), secret("h1")] });
		clock.advanceBy(5_000);
		expect((await keys.get("acme", "key_1"))?.secrets).toHaveLength(2);
	});

	it("do not hide a key that was made elsewhere a moment ago", async () => {
		stored = undefined;
		expect(await keys.get("acme", "key_1")).toBeUndefined();
		stored = apiKey();
		expect(await keys.findByHash("h1")).toEqual(stored);
		expect(await keys.get("acme", "key_1")).toEqual(stored);
	});

	it("include secrets that no key has, so that a wrong one costs a read in 30 s and not one per request", async () => {
		stored = undefined;
		for (let request = 0; request < 3; request += 1) expect(await keys.findByHash("guess")).toBeUndefined();
		expect(store.findByHash).toHaveBeenCalledTimes(1);
		clock.advanceBy(30_000);
		await keys.findByHash("guess");
		expect(store.findByHash).toHaveBeenCalledTimes(2);
	});

	it("are not pushed out by guesses, however many", async () => {
		await keys.findByHash("h1");
		stored = undefined;
		for (let guess = 0; guess < 5_000; guess += 1) await keys.findByHash(`guess ${guess}`);
		store.findByHash.mockClear();
		expect(await keys.findByHash("h1")).toEqual(apiKey());
		expect(store.findByHash).not.toHaveBeenCalled();
	});

	it("show a secret that was chosen and looked for before it was made, also while it is looked for", async () => {
		stored = undefined;
		expect(await keys.findByHash("h1")).toBeUndefined();
		const { promise, resolve } = Promise.withResolvers<undefined>();
		store.findByHash.mockReturnValueOnce(promise);
		const looking = keys.findByHash("h2");
		await keys.put(apiKey({ secrets: [secret("h2"), secret("h1")] }));
		resolve(undefined);
		await looking;
		expect(await keys.findByHash("h1")).toBeDefined();
		expect(await keys.findByHash("h2")).toBeDefined();
	});

	it("show what was just written here", async () => {
		await keys.put(apiKey());
		expect(await keys.findByHash("h1")).toEqual(apiKey());
		await keys.rotate("acme", "key_1", secret("h2"), { from: 0, until: 5 });
		expect((await keys.findByHash("h1"))?.secrets).toHaveLength(2);
		expect((await keys.findByHash("h2"))?.secrets).toHaveLength(2);
		await keys.revoke("acme", "key_1", 7);
		expect((await keys.get("acme", "key_1"))?.revokedAt).toBe(7);
		expect((await keys.findByHash("h1"))?.revokedAt).toBe(7);
		expect(store.get).not.toHaveBeenCalled();
		expect(store.findByHash).not.toHaveBeenCalled();
	});

	it("are none when there was nothing to write to", async () => {
		stored = undefined;
		expect(await keys.revoke("acme", "key_1", 7)).toBeUndefined();
		expect(await keys.rotate("acme", "key_1", secret("h2"), { from: 0, until: 5 })).toBeUndefined();
	});

	it("are listed from the store, always", async () => {
		await keys.list("acme");
		expect(await keys.list("acme")).toEqual([apiKey()]);
		expect(store.list).toHaveBeenCalledTimes(2);
	});

	it("note their use once while they are remembered, however many ask at once", async () => {
		await Promise.all([keys.touch("acme", "key_1", 5), keys.touch("acme", "key_1", 6)]);
		await keys.touch("acme", "key_1", 7);
		expect(store.touch.mock.calls).toEqual([["acme", "key_1", 5]]);
		clock.advanceBy(30_000);
		await keys.touch("acme", "key_1", 8);
		expect(store.touch).toHaveBeenCalledTimes(2);
	});
});
