import { defineConfig } from "vitest/config";
import { TallyReporter } from "./test/support/tally-reporter.ts";

const project = (name: string, timeoutMs = 10_000) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

export default defineConfig({
	test: {
		reporters: ["default", new TallyReporter()],
		projects: [
			project("core"),
			project("receiver"),
			project("usecases"),
			project("handlers"),
			project("contract"),
			project("scenarios", 60_000),
		],
		coverage: {
			provider: "v8",
			reporter: ["text-summary"],
			include: ["lambda/core/**/*.ts"],
			thresholds: { statements: 100, branches: 100, functions: 100, lines: 100 },
		},
	},
});
