import { describe, expect, it } from "vitest";
import { AWS_FLOW_LIMITS } from "../../lambda/adapters/aws/flow-limits.ts";
import type { Ports } from "../../lambda/ports.ts";
import { openTimedWorld } from "../support/timed-world.ts";

const DEPLOYED = (): Partial<Ports> => ({ flowLimits: AWS_FLOW_LIMITS });

describe("a queue whose webhooks have not proved to be quick", () => {
	it("has few calls in flight as long as they hang", async () => {
		const { webhooks, runFor, create } = await openTimedWorld({ timeout: 30 }, DEPLOYED);
		webhooks.durationMs = () => 30_000;
		await create(100);
		await runFor(29);
		expect(webhooks.calls).toHaveLength(20);
		await runFor(30);
		expect(webhooks.calls).toHaveLength(40);
		expect(webhooks.mostInFlight).toBe(20);
	});

	it("is called without limit once a few calls were quick", async () => {
		const { webhooks, runFor, create } = await openTimedWorld({}, DEPLOYED);
		await create(1);
		await runFor(1);
		webhooks.durationMs = () => 900;
		await create(100);
		await runFor(0.5);
		expect(webhooks.mostInFlight).toBe(100);
	});

	it("is limited again as soon as a call takes long, and until calls have been quick for a minute", async () => {
		const { webhooks, runFor, create } = await openTimedWorld({}, DEPLOYED);
		await create(1);
		await runFor(1);
		webhooks.durationMs = () => 10_000;
		await create(1);
		await runFor(1.5);
		await create(50);
		await runFor(1);
		expect(webhooks.calls).toHaveLength(2 + 20);
		webhooks.durationMs = () => 50;
		await runFor(30);
		await create(50);
		await runFor(0.04);
		expect(webhooks.calls).toHaveLength(2 + 50 + 20);
		await runFor(60);
		await create(1);
		await runFor(1);
		await create(50);
		await runFor(0.04);
		expect(webhooks.calls).toHaveLength(2 + 50 + 50 + 1 + 50);
	});
});
