import { matchesGlob, relative } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { type Area, areas } from "./areas.ts";
import { formatScores, formatSurvivors } from "./report.ts";
import { type Mutant, scoreOf } from "./score.ts";

const USAGE = `npm run mutate -- [options]
  --mutate FILE     only this file, or those of a glob; may be given more than once
  --concurrency N   test runners at the same time (default 2)
  --fresh           forget what earlier runs found out

Changes lambda/core and lambda/usecases in small ways, one at a time, and runs the tests of that folder each time: they
should fail. What an earlier run has found out about unchanged code and tests is not tried again. Reports for the browser
are written to reports/mutation.`;

type Options = Readonly<{ files: readonly string[]; concurrency: number; fresh: boolean }>;

const readOptions = (): Options => {
	const { values } = parseArgs({
		options: {
			mutate: { type: "string", multiple: true, default: [] },
			concurrency: { type: "string", default: "2" },
			fresh: { type: "boolean", default: false },
			help: { type: "boolean", short: "h" },
		},
	});
	const concurrency = Number(values.concurrency);
	const isKnown = values.mutate.every((file) => areas.some(({ code }) => file.startsWith(`${code}/`)));
	if (values.help || !isKnown || !Number.isInteger(concurrency) || concurrency < 1) {
		console.error(USAGE);
		process.exit(values.help ? 0 : 2);
	}
	return { files: values.mutate, concurrency, fresh: values.fresh };
};

/** What stryker.config.json cannot know. */
const strykerOptions = (
	{ name, tests }: Area,
	mutate: string[],
	{ files, concurrency, fresh }: Options,
): ConstructorParameters<typeof Stryker>[0] => ({
	mutate,
	vitest: { configFile: "test/mutation/vitest.config.ts", dir: tests, related: false },
	concurrency,
	// Whoever asks for one file has just changed it or its tests, not all of which the comparison takes notice of.
	force: fresh || files.length > 0,
	incrementalFile: `reports/mutation/${name}-incremental.json`,
	htmlReporter: { fileName: `reports/mutation/${name}.html` },
	reporters: process.stderr.isTTY ? ["html", "progress"] : ["html"],
});

/** The mutants of the files that match one of `patterns`, tried now or known from an earlier run. */
const runMutants = async (area: Area, patterns: string[], options: Options): Promise<readonly Mutant[]> => {
	const results = await new Stryker(strykerOptions(area, patterns, options)).runMutationTest();
	return results
		.map((mutant) => ({ ...mutant, fileName: relative(process.cwd(), mutant.fileName) }))
		.filter(({ fileName }) => patterns.some((pattern) => matchesGlob(fileName, pattern)));
};

/** Runs as much of one area as is asked for, and says whether that reaches the area's bar. */
const runArea = async (area: Area, options: Options): Promise<boolean> => {
	const patterns = options.files.filter((file) => file.startsWith(`${area.code}/`));
	if (options.files.length === 0) patterns.push(`${area.code}/**/*.ts`);
	if (patterns.length === 0) return true;
	const startedAt = performance.now();
	const mutants = await runMutants(area, patterns, options);
	if (mutants.length === 0) throw new Error(`There is nothing to mutate in ${patterns.join(", ")}`);
	const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
	const summary = `${mutants.length} mutants of ${area.code} in ${minutes} minutes`;
	console.log([formatSurvivors(mutants), formatScores(area.name, mutants), `${summary}\n`].join("\n\n"));
	const { percent } = scoreOf(mutants);
	const isReached = percent >= area.barPercent;
	if (!isReached) console.error(`${area.code}: ${percent.toFixed(1)} % is below ${area.barPercent} %`);
	return isReached;
};

const main = async (): Promise<void> => {
	const options = readOptions();
	for (const area of areas) {
		if (!(await runArea(area, options))) process.exitCode = 1;
	}
};

main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
