import { defineConfig } from "vitest/config";
import { TallyReporter } from "./test/support/tally-reporter.ts";

const project = (name: string, timeoutMs = 10_000) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

/** Loading the CDK takes seconds: once for all files, which share nothing but what they import. */
const stack = { test: { ...project("stack", 60_000).test, isolate: false } };

/** Stories wait for the clock more than for the processor, so more of them run side by side, after everything else. */
const scenarios = {
	test: { ...project("scenarios", 60_000).test, maxWorkers: 4, sequence: { groupOrder: 1 } },
};

export default defineConfig({
	test: {
		reporters: ["default", new TallyReporter()],
		projects: [
			project("core"),
			project("receiver"),
			project("usecases"),
			project("handlers"),
			project("contract", 20_000),
			project("aws-adapters", 60_000),
			project("cost", 30_000),
			stack,
			scenarios,
		],
		coverage: {
			provider: "v8",
			reporter: ["text-summary"],
			include: ["lambda/core/**/*.ts"],
			thresholds: { statements: 100, branches: 100, functions: 100, lines: 100 },
		},
	},
});
