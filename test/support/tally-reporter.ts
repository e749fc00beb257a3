import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one plain line that any CI can read: `N passed, N failed[, N skipped]`. */
export class TallyReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		const states = modules.flatMap((module) =>
			[...module.children.allTests()].map((test) => test.result().state),
		);
		const count = (state: string): number => states.filter((each) => each === state).length;
		const skipped = count("skipped");
		// A file can fail without a test: in what it does before, between and after them.
		const failed = count("failed") + modules.flatMap((module) => module.errors()).length;
		console.log(`\n${count("passed")} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
	}
}
