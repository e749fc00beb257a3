import { defineConfig } from "vitest/config";

/** The tests of one area: Stryker says which folder of tests, starts them again for each mutant, and reads the results. */
export default defineConfig({
	test: {
		include: ["**/*.test.ts"],
		testTimeout: 10_000,
		hookTimeout: 10_000,
		isolate: false,
	},
});
