import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { BAD_PORTS, PortList } from "../../lambda/core/denied-ports.ts";

const faultsOf = (text: string) => PortList.safeParse(text).error?.issues.map(({ message }) => message);

it("the ports that are denied by default are those that fetch refuses, and port 0", () => {
	const { badPorts } = createRequire(import.meta.url)("undici/lib/web/fetch/constants.js");
	expect(BAD_PORTS).toEqual([0, ...badPorts.map(Number)]);
});

describe("a list of ports", () => {
	it.each([
		["25", [25]],
		[" 0 , 65535", [0, 65_535]],
		["8000-8003,9200", [8_000, 8_001, 8_002, 8_003, 9_200]],
		["default", BAD_PORTS],
		["6379,default", [6_379, ...BAD_PORTS]],
		["none", []],
		[" none ", []],
	])("may be %j", (text, ports) => {
		expect(PortList.parse(text)).toEqual(ports);
	});

	it.each(["", "smtp", "65536", "-1", "25.5", "8010-8000", "1-65536", "1-2-3", "0x19", "1e3", "none-1"])(
		"is not %j",
		(text) => {
			expect(faultsOf(text)).toEqual([
				`"${text}" is not a port from 0 to 65535, a range such as 8000-8010, or the word default`,
			]);
		},
	);

	it("names every item that is wrong", () => {
		expect(faultsOf("25, smtp ,,none")).toEqual([
			expect.stringContaining('"smtp"'),
			expect.stringContaining('""'),
			expect.stringContaining('"none"'),
		]);
	});
});
