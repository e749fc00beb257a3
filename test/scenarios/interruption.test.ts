import { describe, expect, onTestFinished, test } from "vitest";
import { interruptAndRestart } from "../support/interruption.ts";
import { isDeployment } from "../support/target.ts";

const report = (name: string, figures: object): void =>
	onTestFinished(({ task }) => {
		if (task.result?.state === "fail") console.info(name, figures);
	});

// Needs a server that can be killed: skipped against a deployment.
describe.skipIf(isDeployment)("an embedded server under load", () => {
	test("that is killed loses none of 2,000 accepted tasks and repeats only calls in flight", async () => {
		const { exit, ...figures } = await interruptAndRestart({ by: "kill", tasks: 2_000, answerMs: 20 });
		report("SIGKILL", figures);

		expect(exit.signal).toBe("SIGKILL");
		expect(figures.accepted).toBeGreaterThanOrEqual(2_000);
		expect(figures.waiting).toBeGreaterThan(0);
		expect(figures.missing).toBe(0);
		expect(figures.duplicates).toBeLessThanOrEqual(figures.inFlight);
	});

	test("that is asked to stop ends by itself, cuts off no call, and loses and repeats nothing", async () => {
		const { exit, ...figures } = await interruptAndRestart({ by: "stop", tasks: 500, answerMs: 200 });
		report("SIGTERM", figures);

		expect(exit).toMatchObject({ code: 0, signal: null });
		expect(figures.inFlight).toBeGreaterThan(0);
		expect(figures).toMatchObject({ cutOff: 0, missing: 0, duplicates: 0 });
	});
});
