/** A folder of product code, the folder of tests that has to notice its mutants, and the score that it must reach. */
export type Area = Readonly<{ name: string; code: string; tests: string; barPercent: number }>;

/** Each is judged by its own tests alone: what only a test of another layer would notice counts as not noticed. */
export const areas: readonly Area[] = [
	{ name: "core", code: "lambda/core", tests: "test/core", barPercent: 95 },
	{ name: "usecases", code: "lambda/usecases", tests: "test/usecases", barPercent: 85 },
];
