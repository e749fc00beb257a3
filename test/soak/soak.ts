import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../support/api-client.ts";
import type { TaskListView } from "../support/wire-format.ts";
import { type Fault, faults } from "./faults.ts";
import { Judge, readEndings } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import { type MemoryTrend, memoryTrend } from "./memory-trend.ts";
import { openStage, type Stage } from "./stage.ts";
import { QUEUES } from "./task-plan.ts";

export type SoakOptions = Readonly<{
	minutes: number;
	seed: number;
	/** Tasks a second; undefined for 70 % of what the calibration reaches. */
	rate: number | undefined;
	/** Without faults. */
	isCalm: boolean;
}>;

/** Where a soak tells how it is getting on. */
export type Reporter = Readonly<{ event(text: string): void; status(text: string): void }>;

export type SoakResult = Readonly<{
	ledger: Ledger;
	memory: MemoryTrend;
	calibrated: number;
	rate: number;
	soakedSeconds: number;
	drainedSeconds: number;
	faults: ReadonlyMap<string, number>;
	repeats: number;
	/** Tasks in the API by status. */
	endings: ReadonlyMap<string, number>;
	mostLimited: number;
}>;

/** Below this a soak is short: each fault once, little load, small steps of the clock. */
const SHORT_MINUTES = 1;
const SHORT_RATE = 150;

const SHARE_OF_CALIBRATION = 0.7;
const CALIBRATION_MS = { short: 1_000, long: 5_000 };

const DISK_MIB = 64;
const DISK_MIB_A_MINUTE = 150;

/** Quiet time between two faults, ms. */
const PAUSE_MS = { short: [500, 1_000], long: [3_000, 9_000] } as const;

/** Claims and messages whose result was lost are free again after this. */
const LEASES_END_MS = 300_000;

/** When nothing was delivered for so long, which is longer than any backoff, what is left waits for leases to end. */
const STANDS_STILL_MS = 8_000;
const DRAINS_WITHIN_MS = 300_000;

const isShort = ({ minutes }: SoakOptions): boolean => minutes < SHORT_MINUTES;

/** Samples, watches and tells each second. */
const startWatching = (stage: Stage, reporter: Reporter, startedAt: number, countFaults: () => number) => {
	const { servers, ledger } = stage;
	let watching = Promise.resolve();
	const timer = setInterval(() => {
		servers.current.sample();
		watching = watching.then(() => servers.watch());
		const { rssMiB = 0 } = servers.current.samples.at(-1) ?? {};
		const seconds = Math.round((performance.now() - startedAt) / 1_000);
		reporter.status(
			`${seconds} s: ${ledger.accepted} accepted, ${ledger.answered} calls answered, ${countFaults()} faults, ` +
				`${Math.round(rssMiB)} MiB, ${ledger.violations.length} violations`,
		);
	}, 1_000);
	return async (): Promise<void> => {
		clearInterval(timer);
		await watching;
	};
};

/** One fault after the other, with quiet times in between, until the time is over; a short soak stops after three. */
const strikeUntil = async (
	stage: Stage,
	options: SoakOptions,
	deadline: number,
	struck: (fault: Fault, story: string) => void,
): Promise<void> => {
	const short = isShort(options);
	const { random } = stage;
	const [shortest, longest] = PAUSE_MS[short ? "short" : "long"];
	for (const fault of faults(stage, short)) {
		await sleep(random.integer(shortest, longest));
		if (performance.now() >= deadline) return;
		struck(fault, await fault.strike(stage));
	}
};

const hasNone = async (api: ApiClient, queue: string, status: string): Promise<boolean> => {
	const { tasks } = await api.expectCall<TaskListView>(
		200,
		"GET",
		`/v1/tasks?queue=${queue}&status=${status}&limit=1`,
	);
	return tasks.length === 0;
};

const isDrained = async (api: ApiClient): Promise<boolean> => {
	for (const queue of QUEUES)
		for (const status of ["pending", "active"]) if (!(await hasNone(api, queue, status))) return false;
	return true;
};

/**
 * Waits until every task is finished. The clock is set forward for it, beyond every due time that was reckoned while
 * it was wrong; the leases of what a failing disk has lost have to pass.
 */
const drain = async ({ servers, clock, creator, api, ledger }: Stage): Promise<void> => {
	await creator.finish();
	await servers.setClock(clock.highestMs);
	const deadline = performance.now() + DRAINS_WITHIN_MS;
	let { answered } = ledger;
	let answeredAt = performance.now();
	while (!(await isDrained(api))) {
		const now = performance.now();
		if (now > deadline)
			return ledger.violate("everything comes to an end", `not within ${DRAINS_WITHIN_MS / 1_000} s`);
		if (ledger.answered > answered) [answered, answeredAt] = [ledger.answered, now];
		if (now - answeredAt > STANDS_STILL_MS) {
			await servers.letPass(LEASES_END_MS);
			answeredAt = now;
		}
		await sleep(250);
	}
};

const judgeMemory = (ledger: Ledger, memory: MemoryTrend): void => {
	const { isLeak, medianSlope, peakMiB } = memory;
	if (isLeak)
		ledger.violate(
			"memory does not grow",
			`${medianSlope.toFixed(1)} MiB a minute, ${Math.round(peakMiB)} MiB`,
		);
};

const tally = (values: Iterable<string>): Map<string, number> => {
	const counts = new Map<string, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return counts;
};

const soakOn = async (stage: Stage, options: SoakOptions, reporter: Reporter): Promise<SoakResult> => {
	const { disk, servers, ledger, load, api, clock, receiver } = stage;
	if (disk.limitation) reporter.event(`NOT TESTED: full and read-only disks (${disk.limitation})`);
	const startedAt = performance.now();
	const struck: string[] = [];
	const stopWatching = startWatching(stage, reporter, startedAt, () => struck.length);
	const calibrated = await load.calibrate(CALIBRATION_MS[isShort(options) ? "short" : "long"]);
	const wanted = Math.ceil(calibrated * SHARE_OF_CALIBRATION);
	const rate = options.rate ?? (isShort(options) ? Math.min(SHORT_RATE, wanted) : wanted);
	reporter.event(`calibrated: ${Math.round(calibrated)} tasks/s; goes on with ${rate} tasks/s`);
	const working = Promise.all([load.run(rate), load.pauseNowAndThen(), load.followIds(() => servers.number)]);
	const deadline = startedAt + options.minutes * 60_000;
	if (options.isCalm) await sleep(deadline - performance.now());
	else
		await strikeUntil(stage, options, deadline, ({ name }, story) => {
			struck.push(name);
			reporter.event(`${Math.round((performance.now() - startedAt) / 1_000)} s: ${name}: ${story}`);
		});
	load.stop();
	await working;
	const stoppedAt = performance.now();
	await drain(stage);
	const drainedAt = performance.now();
	await stopWatching();
	const endings = await readEndings(api, ledger);
	const judge = new Judge(ledger, clock, endings);
	judge.judgeAll();
	const memory = memoryTrend(servers.lives);
	judgeMemory(ledger, memory);
	return {
		ledger,
		memory,
		calibrated,
		rate,
		soakedSeconds: (stoppedAt - startedAt) / 1_000,
		drainedSeconds: (drainedAt - stoppedAt) / 1_000,
		faults: tally(struck),
		repeats: judge.repeats,
		endings: tally([...endings.values()].map(({ status }) => status)),
		mostLimited: receiver.mostLimited,
	};
};

/** One soak, from an empty disk to the verdict. Leaves nothing behind. */
export const soak = async (options: SoakOptions, reporter: Reporter): Promise<SoakResult> => {
	const stage = await openStage(options.seed, Math.ceil(DISK_MIB + options.minutes * DISK_MIB_A_MINUTE));
	try {
		return await soakOn(stage, options, reporter);
	} finally {
		await stage.close();
	}
};
