import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../lambda/ports.ts";
import type { RequestBudget } from "../../lambda/request-budget.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { NOON, uniqueTeam } from "../support/unique-tasks.ts";

/** 100 requests a minute: slots of 3 s, which begin at noon. */
export const CONTRACT_LIMIT = { requests: 100, seconds: 60 };

export type RequestBudgetHarness = Readonly<{
	/** Processes that share their budgets: one where a world has no more. */
	budgets: readonly RequestBudget[];
	/** What they may keep from each other, at most, by reserving ahead. */
	inVain: number;
	close(): Promise<void>;
}>;

/** What every `RequestBudget` promises. */
export const requestBudgetContract = (
	world: string,
	make: (clock: Clock) => Promise<RequestBudgetHarness>,
): void => {
	describe(world, () => {
		let clock: VirtualClock;
		let harness: RequestBudgetHarness;
		let team: string;
		let turn = 0;

		beforeEach(async () => {
			clock = new VirtualClock(NOON);
			harness = await make(clock);
			team = uniqueTeam();
		});
		afterEach(() => harness.close());

		/** Asks one process after the other. */
		const take = (units = 1, teamId = team) => {
			turn += 1;
			const budget = harness.budgets[turn % harness.budgets.length];
			if (!budget) throw new Error("There is no process");
			return budget.take(teamId, units);
		};
		const admitted = async (count: number): Promise<number> => {
			const answers = await Promise.all(Array.from({ length: count }, () => take()));
			return answers.filter((answer) => answer.admitted).length;
		};

		describe("counting requests", () => {
			it("names the limit", () => {
				for (const { limit } of harness.budgets) expect(limit).toEqual(CONTRACT_LIMIT);
			});

			it("lets the limit through when more come at once, and never more", async () => {
				const count = await admitted(130);
				expect(count).toBeLessThanOrEqual(100);
				expect(count).toBeGreaterThanOrEqual(100 - harness.inVain);
			});

			it("says what is left and when there is more", async () => {
				expect(await take(30)).toEqual({
					admitted: true,
					budget: { remaining: 70, moreAt: NOON + 63_000 },
				});
			});

			it("refuses all of what does not fit, and nothing of what does", async () => {
				await take(60);
				expect(await take(41)).toEqual({
					admitted: false,
					budget: { remaining: 40, moreAt: NOON + 63_000 },
					retryAt: NOON + 63_000,
				});
				expect((await take(40)).admitted).toBe(true);
				expect((await take(1)).admitted).toBe(false);
			});

			it("lets through again what has left the window, and no sooner", async () => {
				await take(60);
				clock.advanceTo(NOON + 30_000);
				await take(40);
				clock.advanceTo(NOON + 62_999);
				expect((await take(1)).admitted).toBe(false);
				clock.advanceTo(NOON + 63_000);
				expect(await take(61)).toMatchObject({ admitted: false, retryAt: NOON + 93_000 });
				expect((await take(60)).admitted).toBe(true);
			});

			it("has the whole budget again after a long silence", async () => {
				await admitted(100);
				clock.advanceTo(NOON + 86_400_000);
				expect((await take(100)).admitted).toBe(true);
			});

			it("tells teams apart", async () => {
				await take(100);
				expect((await take(1)).admitted).toBe(false);
				expect((await take(100, uniqueTeam())).admitted).toBe(true);
			});
		});
	});
};
