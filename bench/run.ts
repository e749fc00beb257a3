import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Figures } from "./figures.ts";
import { isLoadName, type LoadName, loads } from "./loads.ts";
import { describeMachine } from "./machine.ts";
import { formatMachine, formatOtherLoad, formatTable, type Measured, reportLines } from "./report.ts";
import type { SubjectName } from "./subject.ts";

const USAGE = `npm run bench -- [options]
  --runs N      repeat everything N times and print medians with min–max (default 1)
  --only LOAD   ${Object.keys(loads).join(" | ")}; may be given more than once
  --json FILE   write every figure of every run to FILE as well

Puts the same loads on AsyncQueue and on a floor that only forwards (bench/floor.ts), on loopback and in a new temporary
folder (TMPDIR decides on which disk). Takes about two minutes a run. Leave the machine alone meanwhile.`;

type Options = Readonly<{ runs: number; only: readonly LoadName[]; json: string | undefined }>;

const readOptions = (): Options => {
	const { values } = parseArgs({
		options: {
			runs: { type: "string", default: "1" },
			only: { type: "string", multiple: true },
			json: { type: "string" },
			help: { type: "boolean", short: "h" },
		},
	});
	const runs = Number(values.runs);
	const only = values.only ?? Object.keys(loads);
	if (values.help || !Number.isInteger(runs) || runs < 1 || !only.every(isLoadName)) {
		console.error(USAGE);
		process.exit(values.help ? 0 : 2);
	}
	return { runs, only: only.filter(isLoadName), json: values.json };
};

/** One line that is overwritten on a terminal; nothing in a pipe. */
const progress = (text: string): void => {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

const measure = (load: LoadName, subject: SubjectName): Promise<Figures> =>
	new Promise((resolve, reject) => {
		const script = fileURLToPath(new URL("measure.ts", import.meta.url));
		const child = fork(script, [load, subject], { serialization: "advanced" });
		let figures: Figures | undefined;
		child.once("message", (message) => {
			figures = message as Figures;
		});
		child.once("exit", (code, signal) => {
			if (figures) resolve(figures);
			else reject(new Error(`Measuring ${load} on ${subject} ended with ${signal ?? code}`));
		});
	});

/** Rounds over everything rather than one thing after the other: what disturbs the machine disturbs all alike. */
const measureAll = async ({ runs, only }: Options): Promise<readonly Measured[]> => {
	const measured: Measured[] = [];
	for (let run = 1; run <= runs; run += 1) {
		for (const load of only) {
			for (const subject of loads[load]) {
				progress(`run ${run} of ${runs}: ${load}, ${subject} …`);
				measured.push({ run, load, subject, figures: await measure(load, subject) });
			}
		}
	}
	progress("");
	return measured;
};

const main = async (): Promise<void> => {
	const options = readOptions();
	const machine = describeMachine();
	const measured = await measureAll(options);
	const lines = reportLines(measured);
	console.log(`${formatMachine(machine)}\n${formatOtherLoad(measured)}\n\n${formatTable(lines)}`);
	if (options.json) {
		writeFileSync(options.json, `${JSON.stringify({ machine, lines, measured }, null, "\t")}\n`);
	}
};

main().catch((error: Error) => {
	progress("");
	console.error(error.message);
	process.exitCode = 1;
});
