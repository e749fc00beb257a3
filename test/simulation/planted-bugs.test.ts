import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { plantedBugs } from "./planted-bugs.ts";
import { runSeeds } from "./seed-runs.ts";

const ROOT = new URL("../../", import.meta.url);

/** Found within few seeds, so that this is a test of the simulation and not of patience. */
const QUICKLY_FOUND = ["a claim without condition", "no next message after a failed attempt"];

describe("planted bugs", () => {
	it.each(plantedBugs)("has one place for $name", ({ edits }) => {
		for (const { file, find } of edits) {
			const source = readFileSync(new URL(file, ROOT), "utf8");
			expect(source.split(find)).toHaveLength(2);
		}
	});

	it.each(QUICKLY_FOUND)("finds %s", async (name) => {
		const plant = plantedBugs.find((bug) => bug.name === name);
		let broken = 0;
		await runSeeds({ from: 1, count: 60, steps: 60, workers: 1, plant }, ({ violations }) => {
			broken += violations.length;
			return broken === 0;
		});
		expect(broken).toBeGreaterThan(0);
	});
});
