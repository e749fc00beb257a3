import { describe, expect, it } from "vitest";
import {
	BATCH_SIZE,
	LEASE_SECONDS,
	MAX_CALL_SECONDS,
	VISIBILITY_SECONDS,
	WORK_SECONDS,
	WORK_TIMEOUT_SECONDS,
	WORK_VISIBILITY_SECONDS,
} from "../../lambda/core/delivery-limits.ts";
import { LANES, laneOf } from "../../lambda/core/lane.ts";
import {
	defaultQueueSettings,
	expiryOf,
	patchedSettings,
	QueueSettings,
	QueueSettingsPatch,
	TimeoutSeconds,
} from "../../lambda/core/queue.ts";

const RATES = [
	{ limit: 0, per_seconds: 1 },
	{ limit: 10_001, per_seconds: 1 },
	{ limit: 1, per_seconds: 0 },
	{ limit: 1, per_seconds: 86_401 },
	{ limit: 1 },
	{ limit: 1, per_seconds: 1, burst: 2 },
	7,
];

describe("the settings of a queue", () => {
	it("have defaults", () => {
		expect(defaultQueueSettings).toEqual({
			max_retries: 3,
			retry_backoff: "exponential",
			retry_delay: 1,
			retry_max_delay: 3_600,
			timeout: 30,
			rate_limit: null,
			concurrency: null,
			paused: false,
			respect_retry_after: "task",
			retention_days: { completed: 7, failed: 30 },
		});
	});

	it.each<[string, readonly unknown[], readonly unknown[]]>([
		["max_retries", [0, 20], [-1, 21, "3", null]],
		["retry_backoff", ["exponential", "fixed"], ["linear"]],
		["retry_delay", [1, 86_400], [0, 86_401, 1.5]],
		["retry_max_delay", [1, 86_400], [0, 86_401]],
		["timeout", [1, 120], [0, 121]],
		["concurrency", [null, 1, 1_000], [0, 1_001, 1.5]],
		["paused", [true, false], [null, "true", 1]],
		["respect_retry_after", ["task", "queue"], ["none", null]],
		[
			"rate_limit",
			[null, { limit: 1, per_seconds: 86_400 }, { limit: 10_000, per_seconds: 1 }],
			[{}, { limit: 1 }, { limit: 0, per_seconds: 1 }, { limit: 10_001, per_seconds: 1 }, "1/s"],
		],
		[
			"rate_limit",
			[],
			[
				{ limit: 1, per_seconds: 0 },
				{ limit: 1, per_seconds: 86_401 },
			],
		],
		["rate_limit", [], [{ limit: 1, per_seconds: 1, burst: 1 }]],
		[
			"retention_days",
			[{ completed: 1, failed: 365 }],
			[{ completed: 0 }, { failed: 366 }, { other: 1 }, null],
		],
		["max_retry", [], [1]],
		["rate_limit", [null, { limit: 1, per_seconds: 86_400 }, { limit: 10_000, per_seconds: 1 }], RATES],
		["concurrency", [null, 1, 1_000], [0, 1_001, 2.5]],
		["paused", [true, false], ["yes", null]],
		["respect_retry_after", ["task", "queue"], ["never"]],
		["retention_days", [{ completed: 1, failed: 365 }], [{ completed: 0 }, { failed: 366 }, { lost: 1 }, 7]],
	])("keep %s within its rule", (setting, allowed, refused) => {
		for (const value of allowed)
			expect(QueueSettings.parse({ [setting]: value })).toMatchObject({ [setting]: value });
		for (const value of refused) {
			expect(QueueSettings.safeParse({ [setting]: value }).success).toBe(false);
			expect(QueueSettingsPatch.safeParse({ [setting]: value }).success).toBe(false);
		}
	});

	it("are patched one by one", () => {
		const limited = QueueSettings.parse({
			max_retries: 7,
			concurrency: 5,
			rate_limit: { limit: 1, per_seconds: 1 },
			retention_days: { completed: 3, failed: 4 },
		});
		const patch = QueueSettingsPatch.parse({ concurrency: null, retention_days: { failed: 9 } });
		expect(patchedSettings(limited, patch)).toEqual({
			...limited,
			concurrency: null,
			retention_days: { completed: 3, failed: 9 },
		});
		expect(patchedSettings(limited, QueueSettingsPatch.parse({}))).toEqual(limited);
	});

	it("say until when a finished task is kept", () => {
		const settings = QueueSettings.parse({ retention_days: { completed: 2, failed: 3 } });
		expect(expiryOf(settings, "completed", 1_000)).toBe(1_000 + 2 * 86_400_000);
		expect(expiryOf(settings, "cancelled", 1_000)).toBe(1_000 + 2 * 86_400_000);
		expect(expiryOf(settings, "failed", 1_000)).toBe(1_000 + 3 * 86_400_000);
	});
});

describe("a change of settings", () => {
	const old = QueueSettings.parse({
		timeout: 5,
		rate_limit: { limit: 5, per_seconds: 1 },
		concurrency: 7,
		paused: true,
		retention_days: { completed: 1 },
	});
	const patched = (patch: unknown) => patchedSettings(old, QueueSettingsPatch.parse(patch));

	it("leaves alone what it does not name", () => {
		expect(patched({})).toEqual(old);
		expect(patched({ max_retries: 0 })).toEqual({ ...old, max_retries: 0 });
		expect(patched({ retention_days: { failed: 2 } })).toEqual({
			...old,
			retention_days: { completed: 1, failed: 2 },
		});
	});

	it("takes a limit away by null", () => {
		expect(patched({ rate_limit: null, concurrency: null })).toEqual({
			...old,
			rate_limit: null,
			concurrency: null,
		});
	});

	it("is refused with every fault, like the settings themselves", () => {
		const refused = QueueSettingsPatch.safeParse({ timeout: 0, paused: null, retires: 1 });
		expect(refused.error?.issues).toHaveLength(3);
	});
});

describe("how long finished tasks are kept", () => {
	it.each([
		["completed", 2],
		["cancelled", 2],
		["failed", 3],
	] as const)("is the queue's decision: %s", (status, days) => {
		const settings = QueueSettings.parse({ retention_days: { completed: 2, failed: 3 } });
		expect(expiryOf(settings, status, 1_000)).toBe(1_000 + days * 86_400_000);
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

	it("let the work handler end its last call, within what Lambda allows and before its message comes back", () => {
		expect(WORK_TIMEOUT_SECONDS).toBeGreaterThanOrEqual(WORK_SECONDS + LEASE_SECONDS);
		expect(WORK_TIMEOUT_SECONDS).toBeLessThanOrEqual(900);
		expect(WORK_VISIBILITY_SECONDS).toBeGreaterThan(WORK_TIMEOUT_SECONDS);
	});
});
