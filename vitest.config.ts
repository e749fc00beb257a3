import { defineConfig } from "vitest/config";

const project = (name: string, timeoutMs = 10_000) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: timeoutMs },
});

export default defineConfig({
	test: {
		projects: [
			project("core"),
			project("usecases"),
			project("handlers"),
			project("contract"),
			project("scenarios", 60_000),
		],
		coverage: {
			provider: "v8",
			include: ["lambda/core/**/*.ts"],
			thresholds: { "lambda/core/**": { statements: 100, branches: 100, functions: 100, lines: 100 } },
		},
	},
});
