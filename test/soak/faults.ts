import { setTimeout as sleep } from "node:timers/promises";
import type { SeededRandom } from "./seeded-random.ts";
import type { Stage } from "./stage.ts";

/** How long a failing disk is waited for until it shows, and how long it then goes on at most. */
const SHOWS_WITHIN_MS = 20_000;
const REFILL_MS = 50;
const READ_EVERY_MS = 100;

/** How soon a server accepts tasks again when its disk works again. */
const RECOVERS_WITHIN_MS = 5_000;

/** Largest step of the clock in a long soak: beyond every lease. In a short one it must be over soon. */
const MAX_STEP_SECONDS = 300;
const MAX_SHORT_STEP_SECONDS = 20;

const waitUntil = async (holds: () => boolean, withinMs: number, meanwhile = () => {}): Promise<boolean> => {
	const deadline = performance.now() + withinMs;
	while (!holds()) {
		if (performance.now() > deadline) return false;
		meanwhile();
		await sleep(REFILL_MS);
	}
	return true;
};

const kill = async ({ servers, ledger }: Stage): Promise<string> => {
	const disruption = ledger.disrupt("SIGKILL");
	await servers.kill();
	await servers.start();
	disruption.to = performance.now();
	return "killed and started again";
};

const terminate = async ({ servers, ledger }: Stage): Promise<string> => {
	const disruption = ledger.disrupt("SIGTERM");
	await servers.stop();
	await servers.start();
	disruption.to = performance.now();
	return `stopped and started again in ${Math.round(disruption.to - disruption.from)} ms`;
};

/** Reads a task again and again; the function that is returned ends this and tells how it went. */
const readMeanwhile = ({ ledger, reader }: Stage): (() => Promise<string>) => {
	const known = ledger.stories.findLast(({ id }) => id !== undefined)?.id;
	const answers: Promise<{ status: number; ms: number }>[] = [];
	const read = async () => {
		const askedAt = performance.now();
		const answer = await reader.ask("GET", `/v1/tasks/${known}`);
		return { status: answer === "broken" ? 0 : answer.status, ms: performance.now() - askedAt };
	};
	const timer = setInterval(() => answers.push(read()), READ_EVERY_MS);
	return async () => {
		clearInterval(timer);
		const reads = await Promise.all(answers);
		const good = reads.filter(({ status }) => status === 200).length;
		const longest = Math.round(Math.max(...reads.map(({ ms }) => ms)));
		return `${good} of ${reads.length} reads answered, the slowest in ${longest} ms`;
	};
};

type Failure = Readonly<{ fail: () => unknown; heal: () => void; goOn?: () => void }>;

/** Lets the disk fail until creates are refused and a little longer, heals it, and waits until they are accepted. */
const failingDisk = async (
	stage: Stage,
	kind: "full disk" | "refused writes",
	{ fail, heal, goOn }: Failure,
): Promise<string> => {
	const { ledger, random } = stage;
	const disruption = ledger.disrupt(kind);
	const refusedBefore = ledger.refused;
	const callsBefore = ledger.calls;
	await fail();
	const stopReading = readMeanwhile(stage);
	const shows = await waitUntil(() => ledger.refused > refusedBefore, SHOWS_WITHIN_MS, goOn);
	if (!shows) ledger.violate("creates are refused while nothing can be written", `${kind}: none was`);
	await waitUntil(() => false, random.integer(1_500, 4_000), goOn);
	heal();
	const reads = stopReading();
	const healedAt = performance.now();
	const { accepted } = ledger;
	const recovers = await waitUntil(() => ledger.accepted > accepted, RECOVERS_WITHIN_MS);
	if (!recovers) ledger.violate("a server recovers when its disk does, without a restart", kind);
	disruption.to = performance.now();
	const recovery = Math.round(disruption.to - healedAt);
	const refused = ledger.refused - refusedBefore;
	return `${refused} creates refused, ${await reads}, ${ledger.calls - callsBefore} calls; accepts again after ${recovery} ms`;
};

/** Whatever the server gives back meanwhile is taken as well. */
const fullDisk = (stage: Stage): Promise<string> => {
	const { disk } = stage;
	return failingDisk(stage, "full disk", {
		fail: () => disk.fill(),
		goOn: () => disk.refill(),
		heal: () => disk.free(),
	});
};

/** What a disk that became read-only does to files that are open: Linux remounts only a file system without such. */
const refusedWrites = (stage: Stage): Promise<string> => {
	const { current } = stage.servers;
	return failingDisk(stage, "refused writes", {
		fail: () => current.refuseWrites(true),
		heal: () => current.refuseWrites(false),
	});
};

const readOnlyDisk = async ({ disk, servers, ledger }: Stage): Promise<string> => {
	const disruption = ledger.disrupt("SIGKILL");
	await servers.kill();
	disk.remount("ro");
	await servers.startInVain(/read-?only/i);
	disk.remount("rw");
	await servers.start();
	disruption.to = performance.now();
	return "killed; refused to start on a read-only disk; started when it was writable again";
};

/** Seconds forward or backward. */
const stepOf = (random: SeededRandom, max: number): number =>
	random.integer(2, max) * (random.next() < 0.5 ? 1 : -1);

/** The clock goes forward or backward, stays there for a while, and is set right again. */
const stepClock = async ({ servers, random, ledger }: Stage, max: number): Promise<string> => {
	const seconds = stepOf(random, max);
	const disruption = ledger.disrupt("clock step");
	await servers.setClock(seconds * 1_000);
	await sleep(random.integer(1_000, 6_000));
	await servers.setClock(0);
	disruption.to = performance.now();
	return `${seconds > 0 ? "+" : ""}${seconds} s, and back`;
};

/** The same, with the server killed and started again while its clock is wrong. */
const stepAndKill = async (stage: Stage): Promise<string> => {
	const { servers, random } = stage;
	const seconds = stepOf(random, MAX_STEP_SECONDS);
	await servers.setClock(seconds * 1_000);
	await sleep(1_000);
	await kill(stage);
	await sleep(2_000);
	await servers.setClock(0);
	return `${seconds > 0 ? "+" : ""}${seconds} s, SIGKILL, and back`;
};

export type Fault = Readonly<{ name: string; needsDisk: boolean; strike: (stage: Stage) => Promise<string> }>;

const FAULTS = {
	kill: { name: "SIGKILL", needsDisk: false, strike: kill },
	terminate: { name: "SIGTERM", needsDisk: false, strike: terminate },
	fullDisk: { name: "full disk", needsDisk: true, strike: fullDisk },
	refusedWrites: { name: "refused writes", needsDisk: true, strike: refusedWrites },
	readOnlyDisk: { name: "read-only disk", needsDisk: true, strike: readOnlyDisk },
	clockStep: {
		name: "clock step",
		needsDisk: false,
		strike: (stage: Stage) => stepClock(stage, MAX_STEP_SECONDS),
	},
	stepAndKill: { name: "clock step and SIGKILL", needsDisk: false, strike: stepAndKill },
} as const satisfies Record<string, Fault>;

const SHORT_STEP: Fault = {
	...FAULTS.clockStep,
	strike: (stage) => stepClock(stage, MAX_SHORT_STEP_SECONDS),
};

/** What a short soak shows once, and a long one in every round, in the order of its seed. */
const SHORT: readonly Fault[] = [FAULTS.fullDisk, SHORT_STEP, FAULTS.kill];
const ROUND: readonly Fault[] = [
	...Object.values(FAULTS),
	FAULTS.kill,
	FAULTS.kill,
	FAULTS.kill,
	FAULTS.clockStep,
	FAULTS.fullDisk,
];

/** Faults in random order: once each in a short soak, without end otherwise. */
export function* faults({ random, disk }: Stage, isShort: boolean): Generator<Fault> {
	const possible = (isShort ? SHORT : ROUND).filter(
		({ needsDisk }) => !needsDisk || disk.limitation === undefined,
	);
	do yield* random.shuffled(possible);
	while (!isShort);
}
