import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairTurns } from "../../lambda/adapters/embedded/fair-turns.ts";

const NAMES = ["a", "b", "c", "d", "e"];
const MAX_COST = 10;

/** Something that happens: someone comes, goes, or those who are not blocked have some turns. */
const anEvent = fc.oneof(
	{
		weight: 2,
		arbitrary: fc.record({ kind: fc.constant("begin" as const), name: fc.constantFrom(...NAMES) }),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const), name: fc.constantFrom(...NAMES) }) },
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant("turns" as const),
			count: fc.integer({ min: 1, max: 20 }),
			cost: fc.double({ min: 0.1, max: MAX_COST, noNaN: true }),
			blocked: fc.oneof(
				{ weight: 1, arbitrary: fc.constant<string[]>([]) },
				{ weight: 1, arbitrary: fc.subarray(NAMES) },
			),
		}),
	},
);

type Event = typeof anEvent extends fc.Arbitrary<infer Value> ? Value : never;

/** How far apart two may come in what they took, while both want something all the time. */
class PairWatch {
	#difference = 0;
	#lowest = 0;
	#highest = 0;

	restart(): void {
		this.#difference = 0;
		this.#lowest = 0;
		this.#highest = 0;
	}

	took(by: number): void {
		this.#difference += by;
		this.#lowest = Math.min(this.#lowest, this.#difference);
		this.#highest = Math.max(this.#highest, this.#difference);
	}

	/** The largest difference over any part of the time since the restart. */
	get largest(): number {
		return this.#highest - this.#lowest;
	}
}

const pairs = NAMES.flatMap((first, index) =>
	NAMES.slice(index + 1).map((second) => [first, second] as const),
);

/** Turns, watched: who wants something, and what each pair took while both did. */
class WatchedTurns {
	readonly #turns = new FairTurns();
	readonly #waiting = new Set<string>();
	readonly #watches = pairs.map(([first, second]) => ({ first, second, watch: new PairWatch() }));

	/** Whether each turn was given to somebody who wanted it, and none was left out while somebody did. */
	isRight = true;
	/** The largest difference between two who wanted something all the while. */
	unfairness = 0;

	follow(event: Event): void {
		if (event.kind === "begin") this.#begin(event.name);
		else if (event.kind === "end") this.#end(event.name);
		else for (let turn = 0; turn < event.count; turn += 1) this.#turn(event.cost, event.blocked);
	}

	#begin(name: string): void {
		if (!this.#waiting.has(name)) this.#interrupt(name);
		this.#waiting.add(name);
		this.#turns.begin(name);
	}

	#end(name: string): void {
		this.#interrupt(name);
		this.#waiting.delete(name);
		this.#turns.end(name);
	}

	#turn(cost: number, blocked: readonly string[]): void {
		for (const name of blocked) this.#interrupt(name);
		const wanting = [...this.#waiting].filter((name) => !blocked.includes(name));
		const name = this.#turns.next((each) => !blocked.includes(each));
		this.isRight &&= name === undefined ? wanting.length === 0 : wanting.includes(name);
		if (name === undefined) return;
		this.#turns.charge(name, cost);
		for (const { first, second, watch } of this.#both()) {
			if (name === first) watch.took(cost);
			if (name === second) watch.took(-cost);
			this.unfairness = Math.max(this.unfairness, watch.largest);
		}
	}

	#both() {
		return this.#watches.filter(({ first, second }) => this.#waiting.has(first) && this.#waiting.has(second));
	}

	#interrupt(name: string): void {
		for (const { first, second, watch } of this.#watches)
			if (name === first || name === second) watch.restart();
	}
}

/** What `name` takes in `turns` turns of everyone in `costs`, each of whom takes its cost at a time. */
const turnsTaken = (turns: FairTurns, costs: Readonly<Record<string, number>>, count: number) => {
	const taken: Record<string, number> = Object.fromEntries(Object.keys(costs).map((name) => [name, 0]));
	for (let turn = 0; turn < count; turn += 1) {
		const name = turns.next() ?? "";
		turns.charge(name, costs[name] ?? 0);
		taken[name] = (taken[name] ?? 0) + 1;
	}
	return taken;
};

describe("fair turns", () => {
	it("keep any two who want something within their largest costs of each other, whatever happens", () => {
		fc.assert(
			fc.property(fc.array(anEvent, { minLength: 1, maxLength: 60 }), (events) => {
				const turns = new WatchedTurns();
				for (const event of events) {
					turns.follow(event);
					expect(turns.isRight).toBe(true);
					expect(turns.unfairness).toBeLessThanOrEqual(2 * MAX_COST + 1e-6);
				}
			}),
			{ numRuns: 300 },
		);
	});

	it("share by weight: who pays half as much for a message gets twice as many", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 8 }), (weights) => {
				const turns = new FairTurns();
				const costs = Object.fromEntries(weights.map((weight, index) => [`q${index}`, 1 / weight]));
				for (const name of Object.keys(costs)) turns.begin(name);
				const total = weights.reduce((sum, weight) => sum + weight, 0);
				const taken = turnsTaken(turns, costs, total * 10);
				for (const [index, weight] of weights.entries())
					expect(Math.abs((taken[`q${index}`] ?? 0) - weight * 10)).toBeLessThanOrEqual(weight + 1);
			}),
		);
	});

	it("leave nobody without a turn, however little it counts and whoever else comes and goes", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 50 }), (hogs, before) => {
				const turns = new FairTurns();
				const costs: Record<string, number> = {};
				for (let index = 0; index < hogs; index += 1) costs[`hog${index}`] = 1 / 10;
				for (const name of Object.keys(costs)) turns.begin(name);
				turnsTaken(turns, costs, before);
				turns.begin("small");
				costs["small"] = 1;
				// While it pays for one message the others may have ten each, and one more.
				const { small } = turnsTaken(turns, costs, 3 * (hogs * 11 + 1));
				expect(small).toBeGreaterThanOrEqual(2);
			}),
		);
	});

	it("give no credit for the time without a wish", () => {
		const turns = new FairTurns();
		const costs = { idle: 1, busy: 1 };
		for (const name of ["idle", "busy"]) turns.begin(name);
		turnsTaken(turns, costs, 2);
		turns.end("idle");
		turnsTaken(turns, costs, 1_000);
		turns.begin("idle");
		expect(turnsTaken(turns, costs, 100)).toEqual({ idle: 50, busy: 50 });
	});

	it("give no credit for the time without room either", () => {
		const turns = new FairTurns();
		for (const name of ["blocked", "free"]) turns.begin(name);
		for (let turn = 0; turn < 1_000; turn += 1) {
			expect(turns.next((name) => name === "free")).toBe("free");
			turns.charge("free", 1);
		}
		const { blocked = 0, free = 0 } = turnsTaken(turns, { blocked: 1, free: 1 }, 100);
		expect(Math.abs(blocked - free)).toBeLessThanOrEqual(2);
	});

	it("do not forget what was taken by somebody who leaves for a moment", () => {
		const turns = new FairTurns();
		for (const name of ["greedy", "modest"]) turns.begin(name);
		expect(turns.next()).toBe("greedy");
		turns.charge("greedy", 20);
		turns.end("greedy");
		expect(turns.next()).toBe("modest");
		turns.begin("greedy");
		for (let turn = 0; turn < 20; turn += 1) {
			expect(turns.next()).toBe("modest");
			turns.charge("modest", 1);
		}
		expect(turns.next()).toBe("greedy");
	});

	it("have nobody's turn when nobody wants anything", () => {
		const turns = new FairTurns();
		expect(turns.next()).toBeUndefined();
		turns.begin("a");
		turns.begin("a");
		expect(turns.isIdle).toBe(false);
		turns.end("a");
		turns.end("a");
		expect(turns.isIdle).toBe(true);
		expect(turns.next()).toBeUndefined();
	});
});
