import { parseArgs } from "node:util";
import { simulateFault, singleFaults } from "./exhaustive-faults.ts";
import { drawPlan } from "./plan.ts";
import type { Plant } from "./plant.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { runSeeds } from "./seed-runs.ts";
import type { SeedReport } from "./seed-worker.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";
import { stories } from "./use-case-stories.ts";

const USAGE = `npm run simulate -- [options]

  --seed N      runs one seed; if it breaks a promise, says how in as few steps as possible
  --seeds K     runs K seeds (default 500), from --from N (default 1) or, with --random, from anywhere
  --steps M     tasks a seed (default 100)
  --exhaustive  tells each use case with every port call going wrong once, in every way
  --plants      plants known bugs, one at a time, and says how many seeds, --seeds at most, it takes to find each
`;

const { values: options } = parseArgs({
	options: {
		seed: { type: "string" },
		seeds: { type: "string", default: "500" },
		from: { type: "string", default: "1" },
		random: { type: "boolean", default: false },
		steps: { type: "string", default: "100" },
		exhaustive: { type: "boolean", default: false },
		plants: { type: "boolean", default: false },
		help: { type: "boolean", default: false },
	},
});

const steps = Number(options.steps);
const isTerminal = process.stdout.isTTY;

const showProgress = (text: string): void => {
	if (isTerminal) process.stdout.write(`\r${text.padEnd(90)}`);
};

const print = (text: string): void => console.log(isTerminal ? `\r${text.padEnd(90)}` : text);

/** Runs one seed and, if it fails, its smallest failing part, and tells that story. */
const explain = async (seed: number): Promise<boolean> => {
	const plan = drawPlan(seed, steps);
	const result = await simulate(plan);
	const { tasks, portCalls, faultyCalls, webhookCalls, violations } = result;
	print(
		`seed ${seed}: ${tasks} tasks, ${webhookCalls} webhook calls, ${portCalls} port calls, ${faultyCalls} faulty`,
	);
	const [violation] = violations;
	if (!violation) return true;
	print(`BROKEN: ${violation.invariant}: ${violation.what}\nLooking for the least that it takes…`);
	const smallest = await shrink(plan, result);
	const [same = violation] = smallest.result.violations;
	print(`${smallest.plan.events.length} events and ${smallest.result.faults.length} faults are enough:\n`);
	print(smallest.result.story(same.ids.slice(0, 1)));
	print(`\n${same.invariant}: ${same.what}\nAgain: npm run simulate -- --seed ${seed} --steps ${steps}`);
	return false;
};

const runMany = async (from: number, count: number): Promise<boolean> => {
	const sum = { seeds: 0, tasks: 0, portCalls: 0, faultyCalls: 0, webhookCalls: 0 };
	const broken: SeedReport[] = [];
	const startedAt = performance.now();
	await runSeeds({ from, count, steps }, (report) => {
		sum.seeds += 1;
		for (const key of ["tasks", "portCalls", "faultyCalls", "webhookCalls"] as const) sum[key] += report[key];
		if (report.violations.length > 0) broken.push(report);
		showProgress(`${sum.seeds} of ${count} seeds, ${sum.tasks} tasks, ${broken.length} broken`);
		return true;
	});
	const seconds = (performance.now() - startedAt) / 1_000;
	const faulty = ((100 * sum.faultyCalls) / sum.portCalls).toFixed(1);
	print(`seeds ${from} to ${from + count - 1}: ${sum.tasks} tasks, ${sum.webhookCalls} webhook calls`);
	print(
		`${sum.portCalls} port calls, ${faulty} % of them faulty; ${Math.round(sum.tasks / seconds)} tasks/s`,
	);
	print(`${broken.length} seeds broke a promise`);
	for (const { seed, violations } of broken.slice(0, 20))
		print(`  seed ${seed}: ${violations[0]?.invariant}: ${violations[0]?.what}`);
	const [first] = broken;
	return first ? explain(first.seed) : true;
};

/** How many of `most` seeds it takes to find the bug. */
const seedsToFind = async (plant: Plant, from: number, most: number): Promise<string> => {
	let seeds = 0;
	let found: SeedReport | undefined;
	await runSeeds({ from, count: most, steps, plant }, (report) => {
		seeds += 1;
		if (report.violations.length > 0) found ??= report;
		showProgress(`${plant.name}: ${seeds} seeds`);
		return found === undefined;
	});
	const [violation] = found?.violations ?? [];
	return violation ? `${seeds} seeds: ${violation.invariant} (seed ${found?.seed})` : "NOT FOUND";
};

const runPlants = async (from: number, most: number): Promise<boolean> => {
	let missed = 0;
	for (const plant of plantedBugs) {
		const found = await seedsToFind(plant, from, most);
		if (found === "NOT FOUND") missed += 1;
		print(`${plant.name.padEnd(58)} ${found}`);
	}
	print(`${plantedBugs.length - missed} of ${plantedBugs.length} planted bugs found`);
	return missed === 0;
};

const runExhaustively = async (): Promise<boolean> => {
	let runs = 0;
	let broken = 0;
	for (const story of stories) {
		const singles = await singleFaults(story);
		for (const single of singles) {
			const { violations } = await simulateFault(single);
			runs += 1;
			showProgress(`${runs} runs, ${broken} broken: ${story.name}`);
			const [violation] = violations;
			if (!violation) continue;
			broken += 1;
			const { call, fault } = single;
			print(`  ${fault} of call ${call.ordinal}, ${call.port}.${call.method}: ${violation.what}`);
		}
		print(`${story.name.padEnd(42)} ${singles.length} faults`);
	}
	print(`${stories.length} use cases, ${runs} single faults, ${broken} broke a promise`);
	return broken === 0;
};

const main = (): Promise<boolean> => {
	const from = options.random ? 1 + (Date.now() % 1_000_000_000) : Number(options.from);
	const seeds = Number(options.seeds);
	if (options.seed !== undefined) return explain(Number(options.seed));
	if (options.exhaustive) return runExhaustively();
	return options.plants ? runPlants(from, seeds) : runMany(from, seeds);
};

if (options.help) console.log(USAGE);
else process.exitCode = (await main()) ? 0 : 1;
