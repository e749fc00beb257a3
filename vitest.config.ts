import { defineConfig } from "vitest/config";
import { TallyReporter } from "./test/support/tally-reporter.ts";

/** Modules are loaded once a worker, not once a file: that takes longer than most tests, and none of them has state. */
const project = (name: string, timeoutMs = 10_000) => ({
	test: {
		name,
		include: [`test/${name}/**/*.test.ts`],
		testTimeout: timeoutMs,
		hookTimeout: timeoutMs,
		isolate: false,
	},
});

const AWS_CONTRACTS = "test/contract/aws-*.test.ts";

/**
 * Everything that meets an emulator or the AWS SDK: `npm run test:emulators`, where there are Java and Python. Each
 * file has the SDK to itself, as some of them replace its clients.
 */
const emulators = {
	test: {
		...project("aws-adapters", 60_000).test,
		include: ["test/aws-adapters/**/*.test.ts", AWS_CONTRACTS],
		isolate: true,
	},
};

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
			project("client", 30_000),
			project("usecases"),
			project("handlers"),
			{ test: { ...project("contract", 20_000).test, exclude: [AWS_CONTRACTS] } },
			emulators,
			project("cost", 30_000),
			project("stack", 60_000),
			project("simulation", 60_000),
			project("security", 60_000),
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
