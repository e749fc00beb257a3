import { beforeEach, describe, expect, it } from "vitest";
import { VISIBILITY_SECONDS, WORK_VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { createModelWorld, type ModelWorld } from "../simulation/model/model-world.ts";
import type { TimePrecision } from "../simulation/model/time-precision.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { NOON } from "../support/unique-tasks.ts";
import { deliveryQueueContract } from "./delivery-queue.contract.ts";
import { idempotencyStoreContract } from "./idempotency-store.contract.ts";
import { jobStoreContract } from "./job-store.contract.ts";
import { keyCipherContract } from "./key-cipher.contract.ts";
import { keyStoreContract } from "./key-store.contract.ts";
import { pumpSheetStoreContract } from "./pump-sheet-store.contract.ts";
import { queueStoreContract } from "./queue-store.contract.ts";
import { stalledWorkContract } from "./stalled-work.contract.ts";
import { taskInterventionsContract } from "./task-interventions.contract.ts";
import { taskListingContract } from "./task-listing.contract.ts";
import { taskReleaseContract } from "./task-release.contract.ts";
import { taskSchedulerContract } from "./task-scheduler.contract.ts";
import { taskStoreContract } from "./task-store.contract.ts";
import { waitingLineContract } from "./waiting-line.contract.ts";
import { workQueueContract } from "./work-queue.contract.ts";

const WORLDS = ["aws", "embedded"] as const;

const close = async (): Promise<void> => undefined;

for (const precision of WORLDS) {
	const world = `model, ${precision}`;
	const open = () => {
		const clock = new VirtualClock(NOON);
		const model = createModelWorld({ clock, precision });
		return { ...model, ...model.stores, clock };
	};
	const makeTasks = async () => ({ store: open().tasks, close });
	// Pages so small that every walk of the contracts has several.
	const makePaged = async () => {
		const { stores } = createModelWorld({ clock: new VirtualClock(NOON), precision, walkPageSize: 2 });
		return { ...stores, store: stores.tasks, close };
	};
	taskListingContract(`${world}, small pages`, makePaged);
	stalledWorkContract(`${world}, small pages`, makePaged);
	taskStoreContract(world, makeTasks);
	taskInterventionsContract(world, makeTasks);
	taskReleaseContract(world, makeTasks);
	taskListingContract(world, makeTasks);
	stalledWorkContract(world, async () => ({ ...open().stores, close }));
	idempotencyStoreContract(world, async () => ({ store: open().idempotency, close }));
	queueStoreContract(world, async () => ({ store: open().stores.queues, close }));
	waitingLineContract(world, async () => ({ line: open().line, close }));
	pumpSheetStoreContract(world, async () => ({ store: open().pumpSheets, close }));
	jobStoreContract(world, async () => ({ store: open().jobs, close }));
	keyStoreContract(world, async () => ({ store: open().keys, close }));
	keyCipherContract(world, async () => ({ cipher: open().cipher, close }));
	deliveryQueueContract(world, async () => {
		const { deliveryQueue, messages, clock } = open();
		return {
			queue: deliveryQueue,
			now: () => clock.now(),
			waitUntil: async (instant) => clock.advanceTo(instant),
			receive: async () => messages.receive(clock.now(), 1_000),
			delete: async (received) => messages.delete(received.map(({ messageId }) => messageId)),
			returnReceived: async () => clock.advanceBy(VISIBILITY_SECONDS * 1_000),
			close,
		};
	});
	workQueueContract(world, async () => {
		const { workQueue, workMessages, clock } = open();
		return {
			queue: workQueue,
			now: () => clock.now(),
			waitUntil: async (instant) => clock.advanceTo(instant),
			receive: async () => workMessages.receive(clock.now(), 1_000),
			delete: async (received) => workMessages.delete(received.map(({ messageId }) => messageId)),
			returnReceived: async () => clock.advanceBy(WORK_VISIBILITY_SECONDS * 1_000),
			close,
		};
	});
	taskSchedulerContract(world, async () => {
		const { scheduler, messages, clock } = open();
		return {
			scheduler,
			now: () => clock.now(),
			waitUntilFired: async (instant) => clock.advanceTo(instant),
			receive: async () => {
				scheduler.moveDue(clock.now());
				const received = messages.receive(clock.now(), 1_000);
				messages.delete(received.map(({ messageId }) => messageId));
				return received.map(({ body }) => body);
			},
			close,
		};
	});
}

/** More than any queue of the tests holds. */
const ALL = 1_000;

describe("the model's message queues", () => {
	let clock: VirtualClock;
	let model: ModelWorld;

	const open = (precision: TimePrecision, scheduleLateness?: () => number): void => {
		clock = new VirtualClock(NOON);
		model = createModelWorld({ clock, precision, ...(scheduleLateness && { scheduleLateness }) });
	};
	beforeEach(() => open("embedded"));

	const send = (count: number): Promise<void> =>
		model.stores.deliveryQueue.send(Array.from({ length: count }, () => messageDueAt(NOON)));

	const receiveIds = (limit = ALL, choose?: Parameters<ModelWorld["messages"]["receive"]>[2]): string[] =>
		model.messages.receive(clock.now(), limit, choose).map(({ messageId }) => messageId);

	it("hand out as many as asked for, in the order that somebody chooses", async () => {
		await send(4);
		expect(receiveIds(1)).toEqual(["delivery-1"]);
		expect(receiveIds(2, (visible) => visible.toReversed())).toEqual(["delivery-4", "delivery-3"]);
		expect(receiveIds(ALL, () => [])).toEqual([]);
		expect(receiveIds()).toEqual(["delivery-2"]);
	});

	it("put aside what was received ten times, and what the drain received five times more", async () => {
		await send(1);
		const receiveAgain = (times: number, queue: "messages" | "deadLetters" | "quarantine") => {
			for (let count = 0; count < times; count += 1) {
				expect(model[queue].receive(clock.now(), ALL)).toHaveLength(1);
				clock.advanceBy(VISIBILITY_SECONDS * 1_000);
			}
			expect(model[queue].receive(clock.now(), ALL)).toHaveLength(queue === "quarantine" ? 1 : 0);
		};
		receiveAgain(10, "messages");
		expect(model.inspect()).toMatchObject({ messages: [], deadLetters: [{ receiveCount: 10 }] });
		receiveAgain(5, "deadLetters");
		expect(model.inspect()).toMatchObject({ deadLetters: [], quarantine: [{ receiveCount: 15 }] });
		receiveAgain(50, "quarantine");
	});

	it("let somebody outside show, hide, double and purge messages", async () => {
		await send(2);
		model.messages.changeVisibility("delivery-1", NOON + 5);
		model.messages.duplicate("delivery-2", NOON + 3);
		expect(receiveIds()).toEqual(["delivery-2"]);
		expect(model.messages.nextVisibleAt()).toBe(NOON + 3);
		clock.advanceTo(NOON + 5);
		const [first, double] = model.messages.receive(clock.now(), ALL);
		expect([first?.messageId, double?.messageId]).toEqual(["delivery-1", "delivery-3"]);
		expect(double?.body).toBe(
			model.inspect().messages.find(({ messageId }) => messageId === "delivery-2")?.body,
		);
		model.messages.purge();
		clock.advanceBy(VISIBILITY_SECONDS * 1_000);
		expect(receiveIds()).toEqual([]);
		expect(model.messages.nextVisibleAt()).toBeUndefined();
	});

	it.each([
		["aws", NOON + 2_000],
		["embedded", NOON + 1_001],
	] as const)("wait as exactly as %s can, and never too short", async (precision, visibleAt) => {
		open(precision);
		await model.stores.deliveryQueue.send([messageDueAt(NOON + 1_001)]);
		await model.stores.workQueue.send([
			{ kind: "pump", team_id: "acme", queue: "emails", due_at: NOON + 1_001 },
		]);
		expect(model.messages.nextVisibleAt()).toBe(visibleAt);
		expect(model.workMessages.nextVisibleAt()).toBe(visibleAt);
	});

	it.each(WORLDS)(
		"wait 15 minutes at most: then deliveries are refused and work comes early (%s)",
		async (precision) => {
			open(precision);
			const { deliveryQueue, workQueue } = model.stores;
			await deliveryQueue.send([messageDueAt(NOON + 900_000)]);
			await expect(deliveryQueue.send([messageDueAt(NOON), messageDueAt(NOON + 900_001)])).rejects.toThrow();
			expect(model.inspect().messages.map(({ visibleAt }) => visibleAt)).toEqual([NOON + 900_000]);
			await workQueue.send([{ kind: "pump", team_id: "acme", queue: "emails", due_at: NOON + 900_001 }]);
			expect(model.workMessages.nextVisibleAt()).toBe(NOON + 900_000);
		},
	);

	it("get what was scheduled on AWS once and early: the first of its name stays, cut to the second", async () => {
		open("aws");
		const message = messageDueAt(NOON + 92_500);
		await model.stores.scheduler.schedule(message, NOON + 2_500);
		await model.stores.scheduler.schedule({ ...message, due_at: NOON }, NOON);
		expect(model.stores.scheduler.nextFireAt()).toBe(NOON + 2_000);
		clock.advanceTo(NOON + 2_000);
		expect(model.stores.scheduler.moveDue(clock.now())).toBe(1);
		expect(model.inspect()).toMatchObject({
			schedules: [],
			messages: [{ content: message, visibleAt: NOON + 2_000 }],
		});
	});

	it("get what was scheduled embedded for the rest of its delay: the last of its name stays", async () => {
		const message = messageDueAt(NOON + 92_500);
		await model.stores.scheduler.schedule({ ...message, due_at: NOON }, NOON);
		await model.stores.scheduler.schedule(message, NOON + 2_500);
		expect(model.stores.scheduler.moveDue(NOON + 2_499)).toBe(0);
		clock.advanceTo(NOON + 2_500);
		expect(model.stores.scheduler.moveDue(clock.now())).toBe(1);
		expect(model.inspect()).toMatchObject({
			schedules: [],
			messages: [{ content: message, visibleAt: NOON + 92_500 }],
		});
	});

	it.each([
		[1_234, NOON + 3_234],
		[90_000, NOON + 62_000],
	])("get what was scheduled %i ms late, a minute at most", async (lateness, firesAt) => {
		open("aws", () => lateness);
		await model.stores.scheduler.schedule(messageDueAt(NOON + 92_000), NOON + 2_000);
		expect(model.stores.scheduler.nextFireAt()).toBe(firesAt);
	});
});
