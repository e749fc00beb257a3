import type { Ledger } from "./ledger.ts";
import type { SoakResult } from "./soak.ts";

/** Stories told of each broken rule; the others are only counted. */
const STORIES_A_RULE = 3;

/** What is held against every soak; each is broken by no task, or the soak has failed. */
const RULES = [
	"nothing accepted is lost",
	"every accepted task ends as it should",
	"everything comes to an end",
	"what is completed was received",
	"nobody is called after a cancellation was confirmed",
	"nobody is called before the task is due",
	"nobody is called again before the backoff is over",
	"nobody is called while the queue is paused",
	"there are no more attempts than 1 + max_retries",
	"one request makes one task",
	"an attempt is repeated only when its result was lost",
	"an attempt is not under way twice",
	"a queue never has more calls under way than its concurrency",
	"every request is answered",
	"5xx is 503 problem+json, and only while the disk fails",
	"creates are refused while nothing can be written",
	"a server recovers when its disk does, without a restart",
	"a server that cannot write ends at once and says why",
	"ids are unique",
	"ids grow, whatever the clock does",
	"no attempt lasts less than no time",
	"memory does not grow",
	"the server ends only when it is told to",
	"SIGTERM ends the server",
	"the server causes no warning",
] as const;

const row = (name: string, value: string): string => `  ${name.padEnd(62)} ${value}`;

const figures = ({ ledger, memory, ...result }: SoakResult): string[] => {
	const faults = [...result.faults].map(([name, count]) => `${count} × ${name}`).join(", ");
	const endings = [...result.endings].map(([status, count]) => `${count} ${status}`).join(", ");
	const slope = Number.isNaN(memory.medianSlope) ? "no life was long enough" : memory.medianSlope.toFixed(1);
	return [
		row("calibrated, and held (tasks/s)", `${Math.round(result.calibrated)}, ${result.rate}`),
		row(
			"soaked, then drained (s)",
			`${result.soakedSeconds.toFixed(1)}, ${result.drainedSeconds.toFixed(1)}`,
		),
		row("faults", faults),
		row("tasks asked for", String(ledger.stories.length)),
		row(
			"accepted; refused with 503; without an answer",
			`${ledger.accepted}; ${ledger.refused}; ${ledger.broken}`,
		),
		row("tasks in the end", endings),
		row("calls received; repeated attempts", `${ledger.calls}; ${result.repeats}`),
		row("most calls under way of the limited queue (4 allowed)", String(result.mostLimited)),
		row("server processes", String(memory.lives)),
		row(
			"RSS first, last, peak; V8 heap peak (MiB)",
			[memory.firstMiB, memory.lastMiB, memory.peakMiB, memory.peakHeapMiB].map(Math.round).join(", "),
		),
		row("median slope of RSS (MiB/min)", slope),
	];
};

const verdicts = (ledger: Ledger): string[] => {
	const counts = Map.groupBy(ledger.violations, ({ rule }) => rule);
	const rules = new Set<string>([...RULES, ...counts.keys()]);
	return [...rules].map((rule) => {
		const count = counts.get(rule)?.length ?? 0;
		return row(rule, count === 0 ? "ok" : `VIOLATION (${count})`);
	});
};

const stories = (ledger: Ledger): string[] =>
	[...Map.groupBy(ledger.violations, ({ rule }) => rule)].flatMap(([rule, violations]) => [
		`\nVIOLATION: ${rule}`,
		...violations.slice(0, STORIES_A_RULE).map(({ story }) => `  - ${story}`),
	]);

/** The figures, the verdicts and the stories of what was violated, as text. */
export const report = (result: SoakResult): string =>
	[...figures(result), "", ...verdicts(result.ledger), ...stories(result.ledger)].join("\n");
