import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import {
	assertMayStart,
	CallWithheldError,
	type PendingCall,
} from "../../lambda/usecases/call-permission.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const QUEUE = { teamId: "team-a", name: "emails" };
const CLAIMED: PendingCall = { timeoutMs: 30_000, leaseUntil: START + 150_000 };

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

const ask = (call: PendingCall = CLAIMED) => assertMayStart(world.ports, QUEUE, call);

describe("permission to call", () => {
	it("is given when the claim outlasts the longest that the call can take, to the millisecond", async () => {
		await expect(ask({ timeoutMs: 30_000, leaseUntil: START + 30_000 })).resolves.toBeUndefined();
		const tooShort = ask({ timeoutMs: 30_000, leaseUntil: START + 29_999 });
		await expect(tooShort).rejects.toThrow(CallWithheldError);
		await expect(tooShort).rejects.toMatchObject({
			name: "CallWithheldError",
			message: "the way from the claim to the call has taken too long",
		});
	});

	it("ends while the claim lasts: a call needs time as well", async () => {
		world.clock.advanceBy(120_000);
		await expect(ask()).resolves.toBeUndefined();
		world.clock.advanceBy(1);
		await expect(ask()).rejects.toThrow(CallWithheldError);
	});

	it("is not given for a queue that is paused, until it is resumed", async () => {
		await putQueue(world.ports, QUEUE, { ...defaultQueueSettings, paused: true });
		const paused = ask();
		await expect(paused).rejects.toThrow(CallWithheldError);
		await expect(paused).rejects.toMatchObject({ name: "CallWithheldError", message: "emails is paused" });
		await putQueue(world.ports, QUEUE, defaultQueueSettings);
		await expect(ask()).resolves.toBeUndefined();
	});

	it("depends on no limit: whoever asks has made sure of those", async () => {
		await putQueue(world.ports, QUEUE, { ...defaultQueueSettings, concurrency: 1 });
		await expect(ask()).resolves.toBeUndefined();
		await world.ports.queues.hold(QUEUE, START + 60_000);
		await expect(ask()).resolves.toBeUndefined();
	});
});
