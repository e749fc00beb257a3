import { describe, expect, it } from "vitest";
import type { Ports, PumpSheetStore, WorkQueue } from "../../lambda/ports.ts";
import { FLEET, openTimedWorld, QUEUE, TEAM } from "../support/timed-world.ts";

/** A work queue that hands messages on as long as `isOpen` says so, and notes them. */
const openWorkQueue = ({ workQueue }: Ports) => {
	const gate = { isOpen: true, pumpsCalled: 0 };
	const send: WorkQueue["send"] = async (messages) => {
		gate.pumpsCalled += messages.filter(({ kind }) => kind === "pump").length;
		if (gate.isOpen) await workQueue.send(messages);
	};
	return { gate, workQueue: { precisionMs: workQueue.precisionMs, send } };
};

describe("a pump", () => {
	it("takes the seats that nobody comes for", async () => {
		let gate = { isOpen: true };
		const { webhooks, create, runFor, set } = await openTimedWorld(
			{ concurrency: 4, paused: true },
			(ports) => {
				const gated = openWorkQueue(ports);
				gate = gated.gate;
				return { ...FLEET, workQueue: gated.workQueue };
			},
		);
		webhooks.durationMs = () => 1_000;
		await create(40);
		await runFor(1);
		await set({ paused: false });
		gate.isOpen = false;
		await runFor(0.4);
		expect(webhooks.mostInFlight).toBe(1);
		await runFor(2);
		expect(webhooks.mostInFlight).toBe(4);
	});

	it("lets others in its process have a turn after every 32 messages that it begins", async () => {
		let turns = 0;
		const { webhooks, create, runFor, set } = await openTimedWorld({ paused: true }, ({ timer }) => ({
			timer: {
				sleep: (milliseconds, signal) => {
					if (milliseconds === 0) turns += 1;
					return timer.sleep(milliseconds, signal);
				},
			},
		}));
		await create(32 * 5 + 1);
		await runFor(1);
		await set({ paused: false });
		await runFor(1);
		expect(webhooks.calls).toHaveLength(32 * 5 + 1);
		expect(turns).toBe(5);
	});

	it("makes room for other queues' pumps once a minute", async () => {
		let gate = { pumpsCalled: 0 };
		const { webhooks, create, runFor } = await openTimedWorld({ concurrency: 1 }, (ports) => {
			const gated = openWorkQueue(ports);
			gate = gated.gate;
			return { workQueue: gated.workQueue };
		});
		webhooks.durationMs = () => 10_000;
		await create(30);
		await runFor(5);
		const before = gate.pumpsCalled;
		await runFor(295);
		expect(gate.pumpsCalled - before).toBeGreaterThanOrEqual(4);
		expect(gate.pumpsCalled - before).toBeLessThanOrEqual(5);
		expect(webhooks.calls).toHaveLength(30);
	});

	it("that was frozen for longer than its lease leaves the line to its successor", async () => {
		let freeze: Promise<void> | undefined;
		let frozenOwner: string | undefined;
		const { webhooks, create, runFor, ports, clock, logs } = await openTimedWorld(
			{ concurrency: 1, timeout: 2 },
			({ pumpSheets, timer }) => {
				const write: PumpSheetStore["write"] = async (queue, sheet) => {
					const owner = sheet.seats.find((seat) => seat.owner !== "")?.owner;
					const isFirst = frozenOwner === undefined;
					frozenOwner ??= owner;
					if (owner !== undefined && owner === frozenOwner && !isFirst) {
						freeze ??= timer.sleep(20_000);
						await freeze;
					}
					return pumpSheets.write(queue, sheet);
				};
				return { pumpSheets: { read: (queue) => pumpSheets.read(queue), write } };
			},
		);
		webhooks.durationMs = () => 600;
		await create(100);
		await runFor(10);
		await ports.workQueue.send([{ kind: "pump", team_id: TEAM, queue: QUEUE, due_at: clock.now() }]);
		await runFor(85);
		expect(webhooks.mostInFlight).toBe(1);
		expect(webhooks.calls.length).toBeGreaterThanOrEqual(98);
		await runFor(200);
		expect(webhooks.calls).toHaveLength(100);
		const events = logs.map(({ event }) => event);
		expect(events).toContain("pump.place_lost");
		expect(events).not.toContain("pump.message_failed");
	});
});
