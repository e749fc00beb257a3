import { setTimeout as sleep } from "node:timers/promises";
import type { Figures } from "../figures.ts";
import { SlowReceiver } from "../slow-receiver.ts";
import { RemoteFleet } from "../workers/fleet-remote.ts";

const WORKERS = 4;
const CONCURRENCY = 5;
const TASKS = 500;
const CALL_MS = 50;
const IDEAL_SECONDS = (TASKS * CALL_MS) / CONCURRENCY / 1_000;
const KILL_AFTER_MS = 1_500;

/** Seconds that the tasks took, and the most calls that the webhook served at once. */
const run = async (isOneKilled: boolean) => {
	const receiver = await SlowReceiver.open();
	const fleet = await RemoteFleet.start(WORKERS);
	const settings = { concurrency: CONCURRENCY, timeout: 1 };
	await fleet.order({ kind: "configure", queue: "limited", settings });
	await fleet.create({ queue: "limited", url: receiver.urlFor("a", CALL_MS), from: 0, count: TASKS });
	if (isOneKilled) {
		await sleep(KILL_AFTER_MS);
		if (!(await fleet.order({ kind: "killPump" }))) throw new Error("No worker was at the line");
	}
	const visits = receiver.of("a");
	await receiver.until("all calls had ended", () => visits.calls.size >= TASKS && visits.inFlight === 0);
	fleet.end();
	receiver.close();
	const seconds = (visits.endedAt - (visits.starts[0] ?? Number.NaN)) / 1_000;
	return { seconds, most: visits.mostInFlight };
};

/**
 * 500 tasks of 50 ms of a queue that allows five calls at a time, for four workers at each queue; then once more, with
 * one of them killed after 1.5 s.
 */
export const concurrency = async (): Promise<Figures> => {
	const undisturbed = await run(false);
	const killed = await run(true);
	return {
		concurrencyMost: Math.max(undisturbed.most, killed.most),
		concurrencyShare: IDEAL_SECONDS / undisturbed.seconds,
		concurrencyKilledShare: IDEAL_SECONDS / killed.seconds,
		concurrencyLostSeconds: killed.seconds - undisturbed.seconds,
	};
};
