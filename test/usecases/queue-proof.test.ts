import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AWS_FLOW_LIMITS } from "../../lambda/adapters/aws/flow-limits.ts";
import { messageFor } from "../../lambda/core/delivery-message.ts";
import { defaultQueueSettings, type QueueNotes } from "../../lambda/core/queue.ts";
import type { Task } from "../../lambda/core/task.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { deliverBatch } from "../../lambda/usecases/deliver-batch.ts";
import { QueueProof, watchForSlowness } from "../../lambda/usecases/queue-proof.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { overriding } from "../support/port-overrides.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

const KEY = { teamId: "team-a", name: "emails" };
const broken = new Error("throttled");

let world: TestWorld;
let noted: QueueNotes[];
let notesFail: boolean;

const deployed = ({ queues }: Ports): Partial<Ports> => ({
	flowLimits: AWS_FLOW_LIMITS,
	queues: overriding(queues, {
		note: async (key, notes) => {
			if (notesFail) throw broken;
			noted.push(notes);
			await queues.note(key, notes);
		},
	}),
});

const open = async (overrides: (ports: Ports) => Partial<Ports>, notes: QueueNotes = {}): Promise<void> => {
	world = await createTestWorld(overrides);
	const created = { settings: defaultQueueSettings, createdAt: START, updatedAt: START };
	await world.ports.queues.create({ ...KEY, ...created });
	await world.ports.queues.note(KEY, notes);
	noted = [];
};
beforeEach(() => {
	noted = [];
	notesFail = false;
});
afterEach(() => world.close());

/** Time passes, and what wakes by it gets on. */
const pass = async (milliseconds: number): Promise<void> => {
	world.clock.advanceBy(milliseconds);
	for (let turn = 0; turn < 5; turn += 1) await nextTurn();
};

/** Calls that a pump has made take so long. */
const called = async (proof: QueueProof, ...durations: number[]): Promise<void> => {
	for (const duration of durations) await proof.called(duration);
};

const watch = () => watchForSlowness(world.ports, KEY);

describe("a call that takes long", () => {
	it("is noted when it has taken a second, not when it ends", async () => {
		await open(deployed);
		const ended = watch();
		await pass(999);
		expect(noted).toEqual([]);
		await pass(1);
		expect(noted).toEqual([{ slowAt: START + 1_000 }]);
		ended();
		await pass(60_000);
		expect(noted).toHaveLength(1);
	});

	it("is not noted when it ends in time", async () => {
		await open(deployed);
		const ended = watch();
		await pass(999);
		ended();
		await pass(60_000);
		expect(noted).toEqual([]);
		expect(world.clock.nextWakeAt()).toBeUndefined();
	});

	it("is noted once, however many follow within ten seconds", async () => {
		await open(deployed);
		for (let call = 0; call < 9; call += 1) {
			watch();
			await pass(1_000);
		}
		expect(noted).toEqual([{ slowAt: START + 1_000 }]);
	});

	it("is noted at once when the queue had proved to be quick", async () => {
		await open(deployed, { slowAt: START - 70_000, quickAt: START - 1 });
		watch();
		await pass(1_000);
		expect(noted).toEqual([{ slowAt: START + 1_000 }]);
	});

	it("is noted again after exactly ten seconds, not before", async () => {
		await open(deployed, { slowAt: START - 8_999 });
		watch();
		await pass(1_000);
		expect(noted).toEqual([]);
		world.close();
		await open(deployed, { slowAt: START - 9_000 });
		watch();
		await pass(1_000);
		expect(noted).toEqual([{ slowAt: START + 1_000 }]);
	});

	it("of a queue that was deleted meanwhile is nobody's concern", async () => {
		await open(deployed);
		await world.ports.queues.remove(KEY);
		watch();
		await pass(1_000);
		expect(noted).toEqual([]);
		expect(world.logs).toEqual([]);
	});

	it("goes on when it cannot be noted, which the log says", async () => {
		await open(deployed);
		notesFail = true;
		watch();
		await pass(1_000);
		const get = () => Promise.reject(broken);
		const queues = overriding(world.ports.queues, { get });
		watchForSlowness({ ...world.ports, queues }, KEY);
		await pass(1_000);
		const fields = { queue: "emails", error: broken };
		expect(world.logs).toEqual([
			{ level: "warn", event: "queue.note_failed", fields },
			{ level: "warn", event: "queue.watch_failed", fields },
		]);
	});
});

describe("a call that could not be made", () => {
	it("is not watched any longer", async () => {
		await open((ports) => ({
			...deployed(ports),
			webhooks: { call: () => Promise.reject(broken) },
		}));
		await world.ports.queues.note(KEY, { quickAt: START });
		const { principal } = world;
		const { task } = await createTask(world.ports, { principal, newTask: aNewTask() });
		const stored = await world.ports.tasks.get({ teamId: "team-a", taskId: task.id });
		const [result] = await deliverBatch(world.ports, [JSON.stringify(messageFor(stored as Task))]);
		expect(result).toEqual({ status: "rejected", reason: broken });
		expect(world.clock.nextWakeAt()).toBeUndefined();
	});
});

describe("quick calls", () => {
	it("prove a queue when they are five in a row, and once is enough", async () => {
		await open(deployed);
		const proof = new QueueProof(world.ports, KEY);
		await called(proof, 1, 1_000, 5, 5);
		expect(noted).toEqual([]);
		await called(proof, 5);
		expect(noted).toEqual([{ quickAt: START }]);
		await called(proof, 5, 5, 5, 5, 5, 5);
		await proof.end();
		expect(noted).toHaveLength(1);
	});

	it("begin anew after a slow one", async () => {
		await open(deployed);
		const proof = new QueueProof(world.ports, KEY);
		await called(proof, 5, 5, 5, 5, 1_001, 5, 5, 5, 5);
		expect(noted).toEqual([]);
		await called(proof, 5);
		expect(noted).toHaveLength(1);
	});

	it("may be fewer when there are no more, but not none", async () => {
		await open(deployed);
		await new QueueProof(world.ports, KEY).end();
		const slow = new QueueProof(world.ports, KEY);
		await called(slow, 5, 5, 2_000);
		await slow.end();
		expect(noted).toEqual([]);
		const quick = new QueueProof(world.ports, KEY);
		await called(quick, 5);
		await quick.end();
		expect(noted).toEqual([{ quickAt: START }]);
	});

	it("prove nothing within a minute after a slow one of anybody's", async () => {
		await open(deployed, { slowAt: START - 59_999 });
		const proof = new QueueProof(world.ports, KEY);
		await called(proof, 5);
		await proof.end();
		expect(noted).toEqual([]);
		await pass(1);
		await proof.end();
		expect(noted).toEqual([{ quickAt: START + 1 }]);
	});

	it("of a queue that was deleted meanwhile prove nothing", async () => {
		await open(deployed);
		await world.ports.queues.remove(KEY);
		await called(new QueueProof(world.ports, KEY), 5, 5, 5, 5, 5);
		expect(noted).toEqual([]);
	});
});

describe("where slow queues keep nobody waiting", () => {
	it("nothing is watched and nothing is noted", async () => {
		await open((ports) => ({ ...deployed(ports), flowLimits: { pumpSeats: 1 } }));
		watch()();
		watch();
		expect(world.clock.nextWakeAt()).toBeUndefined();
		await called(new QueueProof(world.ports, KEY), 5, 5, 5, 5, 5);
		expect(noted).toEqual([]);
	});
});
