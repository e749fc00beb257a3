import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one plain line that any CI can read: `N passed, N failed[, N skipped]`. */
export class TallyReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		const states = modules.flatMap((module) =>
			[...module.children.allTests()].map((test) => test.result().state),
		);
		const count = (state: string): number => states.filter((each) => each === state).length;
		const skipped = count("skipped");
		console.log(
			`\n${count("passed")} passed, ${count("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
		);
	}
}
