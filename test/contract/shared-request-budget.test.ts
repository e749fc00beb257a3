import { beforeEach, describe, expect, it } from "vitest";
import { type BudgetSheets, SharedRequestBudget } from "../../lambda/adapters/aws/shared-request-budget.ts";
import type { Reservation, ReservationAnswer } from "../../lambda/core/budget-share.ts";
import type { BudgetSheet } from "../../lambda/core/request-budget.ts";
import type { Log } from "../../lambda/ports.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { NOON } from "../support/unique-tasks.ts";

const LIMIT = { requests: 100, seconds: 60 };
const PATIENCE_MS = 1_000;
const OPEN_MS = 5_000;

/** A store of one team that fails, hangs or refuses while it is told to. */
class MoodySheets implements BudgetSheets {
	mood: "well" | "failing" | "hanging" | "refusing" = "well";
	calls = 0;
	#sheet: BudgetSheet | undefined;

	async reserve(_: string, { next }: Reservation): Promise<ReservationAnswer> {
		this.calls += 1;
		if (this.mood === "failing") throw new Error("throttled");
		if (this.mood === "hanging") return new Promise(() => {});
		if (this.mood === "refusing") return { done: false, sheet: undefined };
		this.#sheet = next;
		return { done: true, sheet: this.#sheet };
	}
}

let clock: VirtualClock;
let sheets: MoodySheets;
let errors: unknown[];
let budget: SharedRequestBudget;

beforeEach(() => {
	clock = new VirtualClock(NOON);
	sheets = new MoodySheets();
	errors = [];
	const error: Log["error"] = (event, fields) => errors.push({ event, ...fields });
	const log = { debug: error, info: error, warn: error, error };
	budget = new SharedRequestBudget({ limit: LIMIT, sheets, clock, timer: clock, log });
});

const OPEN = { admitted: true, budget: undefined };

describe("a budget whose store is out of order", () => {
	it("lets requests through and says so in the log, once in a while", async () => {
		sheets.mood = "failing";
		for (let n = 0; n < 200; n += 1) expect(await budget.take("a", 1)).toEqual(OPEN);
		expect(errors).toEqual([
			{ event: "api.limiter_failed", team_id: "a", open_ms: OPEN_MS, error: new Error("throttled") },
		]);
		expect(sheets.calls).toBe(1);
	});

	it("counts again when it is back", async () => {
		sheets.mood = "failing";
		await budget.take("a", 1);
		sheets.mood = "well";
		clock.advanceBy(OPEN_MS);
		expect(await budget.take("a", 1)).toMatchObject({ budget: { remaining: 99 } });
	});

	it("waits for it a second, not for ever, and makes nobody else wait", async () => {
		sheets.mood = "hanging";
		const answers = Promise.all([budget.take("a", 1), budget.take("a", 1), budget.take("a", 1)]);
		await clock.sleep(0);
		clock.advanceBy(PATIENCE_MS);
		expect(await answers).toEqual([OPEN, OPEN, OPEN]);
		expect(sheets.calls).toBe(1);
		expect(errors).toMatchObject([{ error: new Error("No answer within 1000 ms") }]);
	});

	it("leaves no timer behind when the answer comes in time", async () => {
		await budget.take("a", 1);
		expect(clock.nextWakeAt()).toBeUndefined();
	});

	it("gives up on one that never lets it reserve", async () => {
		sheets.mood = "refusing";
		expect(await budget.take("a", 1)).toEqual(OPEN);
		expect(sheets.calls).toBe(10);
	});

	it("opens for the team that it fails for, not for others", async () => {
		sheets.mood = "failing";
		await budget.take("a", 1);
		sheets.mood = "well";
		expect(await budget.take("b", 1)).toMatchObject({ budget: { remaining: 99 } });
		expect(await budget.take("a", 1)).toEqual(OPEN);
	});
});

it("remembers 2,000 teams, those that asked last", async () => {
	for (let n = 0; n < 2_000; n += 1) await budget.take(`team-${n}`, 100);
	const { calls } = sheets;
	// Used up, as it remembers; the store of this test would give more.
	expect((await budget.take("team-0", 1)).admitted).toBe(false);
	await budget.take("one-more", 1);
	expect((await budget.take("team-0", 1)).admitted).toBe(false);
	expect(sheets.calls).toBe(calls + 1);
	await budget.take("team-1", 1);
	expect(sheets.calls).toBe(calls + 2);
});
