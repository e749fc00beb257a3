import { setImmediate as nextTurn } from "node:timers/promises";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EmbeddedWorld, openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import type { Log } from "../../lambda/ports.ts";
import { Runner } from "../../local/runner.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { allowSpoiling, spoilCommit } from "../support/spoiled-commit.ts";
import { NOON } from "../support/unique-tasks.ts";

const MAX_IN_FLIGHT = 256;

const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** An invocation of the handler that goes on until it is told to end. */
type Invocation = Readonly<{ queue: string; size: number; end: (response?: SQSBatchResponse) => void }>;

let clock: VirtualClock;
let world: EmbeddedWorld;
let invocations: Invocation[];
let runner: Runner;

const handler = ({ Records }: SQSEvent): Promise<SQSBatchResponse> =>
	new Promise((resolve) => {
		const queues = Records.map(({ body }) => (JSON.parse(body) as DeliveryMessage).queue);
		expect(new Set(queues).size).toBe(1);
		const end = (response: SQSBatchResponse = { batchItemFailures: [] }) => resolve(response);
		invocations.push({ queue: queues[0] ?? "", size: Records.length, end });
	});

const newRunner = (options: Partial<ConstructorParameters<typeof Runner>[0]> = {}): Runner =>
	new Runner({
		source: world.messages,
		handler,
		batchSize: 10,
		maxInFlight: MAX_IN_FLIGHT,
		clock,
		log: silentLog,
		...options,
	});

beforeEach(() => {
	clock = new VirtualClock(NOON);
	world = openEmbeddedWorld({ folder: ":memory:", clock });
	invocations = [];
	runner = newRunner();
});
afterEach(() => world.close());

const send = (queue: string, count: number, changes: Partial<DeliveryMessage> = {}): Promise<void> =>
	world.stores.deliveryQueue.send(
		Array.from({ length: count }, () => messageDueAt(NOON, { team_id: "acme", queue, ...changes })),
	);

const inFlight = (queue: string): number =>
	invocations.filter((each) => each.queue === queue).reduce((sum, { size }) => sum + size, 0);

/** Begins what can begin now. */
const begin = async (): Promise<void> => {
	runner.begin();
	await nextTurn();
};

/** Ends every invocation there is, and begins what can begin then. */
const endAll = async (): Promise<void> => {
	for (const { end } of invocations.splice(0)) end();
	await nextTurn();
	await begin();
};

describe("the runner", () => {
	it("gives one queue half of its places, two a third each, and whoever comes next finds room", async () => {
		await send("hog", 1_000);
		await begin();
		expect(inFlight("hog")).toBe(MAX_IN_FLIGHT / 2);
		await send("second", 1_000);
		await begin();
		expect(inFlight("second")).toBe(MAX_IN_FLIGHT / 4);
		await endAll();
		expect(Math.abs(inFlight("hog") - MAX_IN_FLIGHT / 3)).toBeLessThanOrEqual(10);
		expect(Math.abs(inFlight("second") - MAX_IN_FLIGHT / 3)).toBeLessThanOrEqual(10);
		await send("third", 5);
		await begin();
		expect(inFlight("third")).toBe(5);
	});

	it("keeps a queue that never answers from holding up another", async () => {
		await send("hanging", 1_000);
		await send("healthy", 500);
		await begin();
		let delivered = 0;
		while (delivered < 500) {
			const healthy = invocations.filter(({ queue }) => queue === "healthy");
			expect(healthy.length).toBeGreaterThan(0);
			invocations = invocations.filter(({ queue }) => queue !== "healthy");
			for (const { size, end } of healthy) {
				delivered += size;
				end();
			}
			await nextTurn();
			await begin();
		}
		expect(delivered).toBe(500);
		expect(inFlight("hanging")).toBeLessThanOrEqual(MAX_IN_FLIGHT / 2);
	});

	it("keeps messages that the handler reports, and all of them when it throws", async () => {
		await send("emails", 3);
		const ticked = runner.tick();
		await nextTurn();
		const [{ end } = { end: () => {} }] = invocations;
		end({ batchItemFailures: [{ itemIdentifier: "2-0" }] });
		expect(await ticked).toBe(3);
		clock.advanceBy(VISIBILITY_SECONDS * 1_000);
		invocations = [];
		await begin();
		expect(inFlight("emails")).toBe(1);
	});

	it.each([true, false])("deletes what ends while it stops, unless that was cut short: %s", async (keeps) => {
		const stopped = newRunner({ keepsWhenStopped: keeps });
		stopped.start();
		await send("emails", 1);
		await world.database.committed();
		await nextTurn();
		const stop = stopped.stop();
		for (const { end } of invocations.splice(0)) end();
		await stop;
		clock.advanceBy(VISIBILITY_SECONDS * 1_000);
		expect(world.messages.receive(clock.now(), 1)).toHaveLength(keeps ? 1 : 0);
	});

	it("begins nothing for a message that a full disk takes back, where it is to be certain", async () => {
		runner = newRunner({ confirmsReceipt: true });
		allowSpoiling(world.database);
		await send("emails", 1);
		spoilCommit(world.database);
		await begin();
		expect(invocations).toEqual([]);
		await send("emails", 1);
		await begin();
		expect(inFlight("emails")).toBe(1);
	});

	it("goes on by itself when an invocation ends, until it is stopped", async () => {
		runner.start();
		await send("emails", 300);
		await world.database.committed();
		await nextTurn();
		expect(inFlight("emails")).toBe(MAX_IN_FLIGHT / 2);
		for (const { end } of invocations.splice(0)) end();
		await nextTurn();
		await nextTurn();
		expect(inFlight("emails")).toBe(MAX_IN_FLIGHT / 2);
		let stopped = false;
		const stop = runner.stop().then(() => {
			stopped = true;
		});
		await nextTurn();
		expect(stopped).toBe(false);
		for (const { end } of invocations.splice(0)) end();
		await stop;
		expect(invocations).toEqual([]);
	});
});

describe("a runner that waits", () => {
	let isFailing = false;
	let waiting: Runner;

	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
		isFailing = false;
		waiting = newRunner({ source: { ...world.messages, isFailing: () => isFailing } });
		waiting.start();
	});
	afterEach(() => vi.useRealTimers());

	it("notices within a second that the clock was set forward, or the machine suspended", async () => {
		await send("emails", 1, { due_at: NOON + 3_600_000 });
		await world.database.committed();
		clock.advanceBy(3_600_000);
		expect(invocations).toHaveLength(0);
		vi.advanceTimersByTime(1_000);
		await nextTurn();
		expect(inFlight("emails")).toBe(1);
	});

	it("tries once a second while nothing can be kept, and goes on at once when that is over", async () => {
		isFailing = true;
		await send("emails", 300);
		await world.database.committed();
		expect(invocations).toHaveLength(0);
		vi.advanceTimersByTime(1_000);
		await nextTurn();
		expect(inFlight("emails")).toBe(MAX_IN_FLIGHT / 2);
		for (const { end } of invocations.splice(0)) end();
		await nextTurn();
		expect(invocations).toHaveLength(0);
		isFailing = false;
		await send("emails", 1);
		await world.database.committed();
		await nextTurn();
		expect(inFlight("emails")).toBe(MAX_IN_FLIGHT / 2);
	});

	it("takes again what a lost transaction gave back, though nothing else happens", async () => {
		allowSpoiling(world.database);
		await send("emails", 1);
		await world.database.committed();
		await nextTurn();
		spoilCommit(world.database);
		for (const { end } of invocations.splice(0)) end();
		await nextTurn();
		clock.advanceBy(VISIBILITY_SECONDS * 1_000);
		vi.advanceTimersByTime(1_000);
		await nextTurn();
		expect(inFlight("emails")).toBe(1);
	});

	it("has no timer left when it has stopped", async () => {
		isFailing = true;
		await send("emails", 1, { due_at: NOON + 3_600_000 });
		await world.database.committed();
		expect(vi.getTimerCount()).toBe(1);
		await waiting.stop();
		expect(vi.getTimerCount()).toBe(0);
	});
});
