import { describe, expect, it } from "vitest";
import { sideBySide } from "../../lambda/core/side-by-side.ts";

describe("work done side by side", () => {
	it("keeps its order and its limit", async () => {
		let running = 0;
		let most = 0;
		const results = await sideBySide([5, 1, 4, 2, 3, 0], 3, async (ticks) => {
			running += 1;
			most = Math.max(most, running);
			for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
			running -= 1;
			return ticks * 10;
		});
		expect(results).toEqual([50, 10, 40, 20, 30, 0]);
		expect(most).toBe(3);
	});

	it("is none when there is nothing to do", async () => {
		expect(await sideBySide([], 3, () => Promise.reject(new Error("called")))).toEqual([]);
	});

	it("begins nothing more after a failure, and fails when the rest has ended", async () => {
		const begun: number[] = [];
		const ended: number[] = [];
		const work = sideBySide([0, 1, 2, 3], 2, async (item) => {
			begun.push(item);
			await Promise.resolve();
			if (item === 0) throw new Error("item 0");
			await Promise.resolve();
			ended.push(item);
		});
		await expect(work).rejects.toThrow("item 0");
		expect(begun).toEqual([0, 1]);
		expect(ended).toEqual([1]);
	});
});
