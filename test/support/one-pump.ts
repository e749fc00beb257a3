import { setImmediate as nextTurn } from "node:timers/promises";
import type { QueueNotes } from "../../lambda/core/queue.ts";
import type { ClaimedTask } from "../../lambda/usecases/attempt-task.ts";
import { PumpCalls } from "../../lambda/usecases/pump-calls.ts";
import { PumpPlace } from "../../lambda/usecases/pump-place.ts";
import { overriding } from "./port-overrides.ts";
import { storeTasks } from "./stored-tasks.ts";
import { claimOf, done } from "./task-transitions.ts";
import { START } from "./test-world.ts";
import { openTimedWorld, QUEUE, TEAM } from "./timed-world.ts";

export const KEY = { teamId: TEAM, name: QUEUE };

/** A world with a place at a line, whose first slot is `slotAt`, and the calls of the pump that has it. */
export const openOnePump = async ({ slotAt = 0, limits = {}, seats = 1 } = {}) => {
	/** What has to be waited for at the next write of the sheet, and before the result of a call is kept. */
	const slow = { writeMs: 0, recordMs: 0 };
	const failing = { record: false };
	const noted: QueueNotes[] = [];
	const world = await openTimedWorld({}, ({ pumpSheets, tasks, timer, queues }) => ({
		...limits,
		queues: overriding(queues, {
			note: async (_, notes) => {
				noted.push(notes);
			},
		}),
		pumpSheets: overriding(pumpSheets, {
			write: async (...sheet) => {
				if (slow.writeMs > 0) await timer.sleep(slow.writeMs);
				slow.writeMs = 0;
				return pumpSheets.write(...sheet);
			},
		}),
		tasks: overriding(tasks, {
			recordAttempt: async (result) => {
				if (slow.recordMs > 0) await timer.sleep(slow.recordMs);
				if (failing.record) throw new Error("throttled");
				return tasks.recordAttempt(result);
			},
		}),
	}));
	const { ports, clock, webhooks } = world;
	const { version } = await ports.pumpSheets.read(KEY);
	const free = { owner: "", leaseUntil: 0, slotAt };
	await ports.pumpSheets.write(KEY, { version, seats: [free, free], woken: false, visitAt: 0 });
	const place = await PumpPlace.take(ports, KEY, seats);
	if (!place) throw new Error("there is no seat");
	if (seats > 1) await place.takeAnother(seats);
	const calls = new PumpCalls(ports, KEY, place);
	const aClaim = async (leaseUntil?: number): Promise<ClaimedTask> => {
		const [taskId = ""] = await storeTasks(world, 1);
		const stored = await ports.tasks.get({ teamId: TEAM, taskId });
		const queue = await ports.queues.get(TEAM, QUEUE);
		if (!stored || !queue) throw new Error("the task was not stored");
		const claim = { ...claimOf(stored, { now: clock.now() }), ...(leaseUntil && { leaseUntil }) };
		return { task: await done(ports.tasks.claim(claim)), leaseUntil: claim.leaseUntil, queue };
	};
	const stored = ({ task }: ClaimedTask) => ports.tasks.get({ teamId: TEAM, taskId: task.id });
	const call = (claimed: ClaimedTask, intervalMs?: number, onAnswer = () => {}): Promise<string> =>
		calls.call(claimed, intervalMs, onAnswer).then(
			() => "called",
			(error: Error) => error.name,
		);
	const turns = async (): Promise<void> => {
		for (let turn = 0; turn < 20; turn += 1) await nextTurn();
	};
	/** Time passes, and what wakes by it gets on. */
	const pass = async (milliseconds: number): Promise<void> => {
		const until = clock.now() + milliseconds;
		await turns();
		for (let next = clock.nextWakeAt(); next !== undefined && next <= until; next = clock.nextWakeAt()) {
			clock.advanceTo(next);
			await turns();
		}
		clock.advanceTo(until);
	};
	const startedAt = () => webhooks.calls.map((started) => started.startedAt - START);
	return { ...world, calls, aClaim, stored, call, pass, startedAt, slow, failing, noted };
};

export type OnePump = Awaited<ReturnType<typeof openOnePump>>;
