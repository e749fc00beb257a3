import { describe, expect, it } from "vitest";
import {
	BATCH_SIZE,
	LEASE_SECONDS,
	MAX_CALL_SECONDS,
	VISIBILITY_SECONDS,
} from "../../lambda/core/delivery-limits.ts";
import { LANES, laneOf } from "../../lambda/core/lane.ts";
import { defaultQueueSettings, QueueSettings, TimeoutSeconds } from "../../lambda/core/queue.ts";

describe("the settings of a queue", () => {
	it("have defaults", () => {
		expect(defaultQueueSettings).toEqual({
			max_retries: 3,
			retry_backoff: "exponential",
			retry_delay: 1,
			retry_max_delay: 3_600,
			timeout: 30,
		});
	});

	it.each<[string, readonly unknown[], readonly unknown[]]>([
		["max_retries", [0, 20], [-1, 21, "3", null]],
		["retry_backoff", ["exponential", "fixed"], ["linear"]],
		["retry_delay", [1, 86_400], [0, 86_401, 1.5]],
		["retry_max_delay", [1, 86_400], [0, 86_401]],
		["timeout", [1, 120], [0, 121]],
		["max_retry", [], [1]],
	])("keep %s within its rule", (setting, allowed, refused) => {
		for (const value of allowed)
			expect(QueueSettings.parse({ [setting]: value })).toMatchObject({ [setting]: value });
		for (const value of refused) expect(QueueSettings.safeParse({ [setting]: value }).success).toBe(false);
	});
});

describe("priorities", () => {
	it("fall into three lanes", () => {
		const lanes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(laneOf);
		expect(lanes).toEqual([
			...["low", "low", "low"],
			...["normal", "normal", "normal", "normal"],
			...["high", "high", "high"],
		]);
		expect(new Set(lanes)).toEqual(new Set(LANES));
	});
});

describe("the limits of a delivery", () => {
	it("let the longest call end within its claim, and the claim within the message's invisibility", () => {
		expect(TimeoutSeconds.safeParse(MAX_CALL_SECONDS).success).toBe(true);
		expect(TimeoutSeconds.safeParse(MAX_CALL_SECONDS + 1).success).toBe(false);
		expect(LEASE_SECONDS).toBeGreaterThan(MAX_CALL_SECONDS);
		expect(VISIBILITY_SECONDS).toBeGreaterThan(LEASE_SECONDS);
		expect(BATCH_SIZE).toBeLessThanOrEqual(10);
	});
});
