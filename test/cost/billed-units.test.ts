import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { functionMemory } from "../../cost/assumptions.ts";
import { billedMs, gbSeconds, httpApiRequests, sqsRequests } from "../../cost/billed-units.ts";
import { invocationFigures, median, totalGbSeconds } from "../../cost/invocations.ts";

const KB = 1_024;

describe("what a call is billed as", () => {
	it.each([
		[0, 1],
		[1, 1],
		[64 * KB, 1],
		[64 * KB + 1, 2],
		[128 * KB, 2],
		[1_024 * KB, 16],
	])("%i bytes in SQS: %i requests", (bytes, requests) => {
		expect(sqsRequests(bytes)).toBe(requests);
	});

	it.each([
		[0, 1],
		[512 * KB, 1],
		[512 * KB + 1, 2],
		[10 * 1_024 * KB, 20],
	])("%i bytes to the HTTP API: %i requests", (bytes, requests) => {
		expect(httpApiRequests(bytes)).toBe(requests);
	});

	it("never falls with size", () => {
		const size = fc.nat({ max: 10_000_000 });
		fc.assert(
			fc.property(size, size, (bytes, more) => {
				expect(sqsRequests(bytes + more)).toBeGreaterThanOrEqual(sqsRequests(bytes));
				expect(httpApiRequests(bytes + more)).toBeGreaterThanOrEqual(httpApiRequests(bytes));
			}),
		);
	});
});

describe("what an invocation is billed as", () => {
	it.each([
		["waiting takes as long with any memory", { wallMs: 200, cpuMs: 0 }, 512, 200],
		["work takes as long on a whole processor", { wallMs: 20, cpuMs: 20 }, 1_769, 20],
		["more than one processor does not help", { wallMs: 20, cpuMs: 20 }, 3_538, 20],
		["work takes twice as long on half a processor", { wallMs: 120, cpuMs: 20 }, 884.5, 140],
		["a millisecond that has begun counts", { wallMs: 0.2, cpuMs: 0 }, 512, 1],
	])("%s", (_, invocation, memoryMiB, ms) => {
		expect(billedMs(invocation, memoryMiB)).toBe(ms);
	});

	it("is GB-seconds by memory", () => {
		expect(gbSeconds(1_000, 1_024)).toBe(1);
		expect(gbSeconds(250, 512)).toBe(0.125);
	});

	it("takes each invocation for the middle one", () => {
		expect(median([9, 1, 2])).toBe(2);
		const waits = [100, 100, 5_000].map((wallMs) => ({ wallMs, cpuMs: 0 }));
		expect(invocationFigures(waits, 1_024)).toEqual({
			invocations: 3,
			wallMs: 100,
			cpuMs: 0,
			billedMs: 100,
			gbSeconds: expect.closeTo(0.3),
		});
	});

	it("takes invocations that are not alike for what each of them was", () => {
		const waits = [100, 100, 5_800].map((wallMs) => ({ wallMs, cpuMs: 0 }));
		expect(totalGbSeconds(waits, 512)).toBeCloseTo(3);
	});

	it("knows the memory that the stack gives to its functions", () => {
		const { api, deliver, work } = functionMemory();
		expect([api, deliver, work].every((mib) => mib >= 128 && mib <= 10_240)).toBe(true);
	});
});
