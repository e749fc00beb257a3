import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextSpan, SPAN_ID_BYTES, traceContextOf } from "../../lambda/core/trace-context.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT_ID = "00f067aa0ba902b7";
const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;

const contextOf = (traceparent?: string, tracestate?: string) =>
	traceContextOf((name) => ({ traceparent, tracestate })[name]);
const stateOf = (tracestate: string) => contextOf(TRACEPARENT, tracestate).tracestate;

const members = (count: number, length = 5): string[] =>
	Array.from({ length: count }, (_, n) => `k${n}=`.padEnd(length, "v"));

describe("a traceparent", () => {
	it("is kept when it is valid", () => {
		expect(contextOf(TRACEPARENT)).toStrictEqual({ traceparent: TRACEPARENT });
		const withZero = TRACEPARENT.replace("4bf9", "0bf9");
		expect(contextOf(withZero)).toStrictEqual({ traceparent: withZero });
	});

	it.each([
		undefined,
		"",
		TRACEPARENT.toUpperCase(),
		TRACEPARENT.replace(/^00/, "ff"),
		`${TRACEPARENT}-00`,
		`${TRACEPARENT},${TRACEPARENT}`,
		`${TRACEPARENT}\r\nx: y`,
		`00-${"0".repeat(32)}-${PARENT_ID}-01`,
		`00-${TRACE_ID}-${"0".repeat(16)}-01`,
		`01-${TRACE_ID}-${PARENT_ID}-01x`,
	])("is dropped when it is %j, and its tracestate with it", (header) => {
		expect(contextOf(header, "vendor=a")).toEqual({});
	});

	it("of a later version is taken for one of ours, as far as we know it", () => {
		const expected = { traceparent: TRACEPARENT };
		expect(contextOf(TRACEPARENT.replace(/^00/, "01"))).toEqual(expected);
		expect(contextOf(`${TRACEPARENT.replace(/^00/, "cc")}-what-is-to-come`)).toEqual(expected);
	});

	it.each([
		["00", "00"],
		["01", "01"],
		["03", "03"],
		["ff", "03"],
	])("with the flags %s goes on with %s", (flags, kept) => {
		const traceparent = `00-${TRACE_ID}-${PARENT_ID}-`;
		expect(contextOf(traceparent + flags)).toEqual({ traceparent: traceparent + kept });
	});
});

describe("a tracestate", () => {
	it.each([
		["vendor=a", "vendor=a"],
		["a=1,b=2", "a=1,b=2"],
		["  a=1 \t,\t\tb=2,, ", "a=1,b=2"],
		["fw529a3039@dt=FfffffB", "fw529a3039@dt=FfffffB"],
		["0a*/_-=with space and ~!", "0a*/_-=with space and ~!"],
	])("%j is passed on as %j", (header, passedOn) => {
		expect(stateOf(header)).toBe(passedOn);
	});

	it.each([
		"",
		",",
		"a",
		"a=",
		"A=1",
		"a=1=2",
		"a=1,a=2",
		"a=1,B=2",
		"=1",
		"a=ü",
		`a=${"v".repeat(257)}`,
		"a b=1",
	])("%j is dropped, and the traceparent stays", (header) => {
		expect(contextOf(TRACEPARENT, header)).toEqual({ traceparent: TRACEPARENT });
	});

	it("has 32 members at most", () => {
		expect(stateOf(members(32).join())).toBe(members(32).join());
		expect(stateOf(members(33).join())).toBeUndefined();
	});

	it("of more than 512 characters loses its long members, then its last ones", () => {
		const [short, long] = [members(1, 100), `long=${"v".repeat(200)}`];
		expect(stateOf([long, ...short].join())).toBe([long, ...short].join());
		const many = members(6, 100);
		expect(stateOf([long, ...many].join())).toBe(many.slice(0, 5).join());
		expect(stateOf([long, `b${long}`, `c${long}`].join())).toBeUndefined();
	});

	it("keeps what has just the length that is allowed", () => {
		const whole = members(3, 170);
		expect(whole.join()).toHaveLength(512);
		expect(stateOf(whole.join())).toBe(whole.join());
		expect(stateOf(members(5, 128).join())).toBe(members(3, 128).join());
		const short = [...members(1, 128), ...["b", "c", "d"].map((key) => `${key}=`.padEnd(127, "v"))];
		expect(short.join()).toHaveLength(512);
		expect(stateOf([`long=${"v".repeat(200)}`, ...short].join())).toBe(short.join());
	});

	it("is never longer than 512 characters, and loses nothing that it need not lose", () => {
		const value = fc.integer({ min: 5, max: 250 });
		fc.assert(
			fc.property(fc.array(value, { maxLength: 32 }), (lengths) => {
				const sent = lengths.map((length, n) => `k${n}=`.padEnd(length, "v"));
				const kept = stateOf(sent.join())?.split(",") ?? [];
				expect(kept.join().length).toBeLessThanOrEqual(512);
				expect(sent).toEqual(expect.arrayContaining(kept));
				if (sent.join().length <= 512) expect(kept).toEqual(sent);
			}),
		);
	});
});

describe("the span of an attempt", () => {
	it("has the trace and flags of the creating request, and an id of its own", () => {
		const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255);
		expect(nextSpan({ traceparent: TRACEPARENT }, () => bytes)).toEqual({
			traceId: TRACE_ID,
			spanId: "01020304050607ff",
			parentId: PARENT_ID,
			traceparent: `00-${TRACE_ID}-01020304050607ff-01`,
		});
	});

	it("never has the id that is invalid", () => {
		const span = nextSpan({ traceparent: TRACEPARENT }, () => new Uint8Array(SPAN_ID_BYTES));
		expect(span?.spanId).toBe("0000000000000001");
		const other = nextSpan({ traceparent: TRACEPARENT }, () => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16));
		expect(other?.spanId).toBe("0000000000000010");
	});

	it("does not exist without a trace, and takes no random bytes then", () => {
		const bytes = () => {
			throw new Error("nobody needs them");
		};
		expect(nextSpan({}, bytes)).toBeUndefined();
	});
});
