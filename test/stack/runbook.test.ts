import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readInvocation } from "../../admin/command.ts";
import { METRIC_NAMES } from "../../lambda/core/metric.ts";
import { documentedEvents } from "../support/documented-log.ts";

const RUNBOOK = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");

/** Queries for Logs Insights: blocks of plain text. */
const queries = [...RUNBOOK.matchAll(/\n```text\n([\s\S]*?)```/g)].map(([, query = ""]) => query);

/** Words of the query language, and fields that CloudWatch adds. */
const LANGUAGE = new Set(
	"filter stats sort limit by and or not in like as desc asc count pct latest ispresent level timestamp message".split(
		" ",
	),
);

/** Fields of errors, and those that Lambda's own lines have. */
const OF_ERRORS = new Set(["error", "type"]);

describe("the queries of the runbook", () => {
	test.each(queries)("ask for events and fields that are documented: %s", (query) => {
		const named = [...query.matchAll(/"([a-z_]+\.[a-z_]+)"/g)].map(([, event = ""]) => event);
		expect(named.filter((event) => !documentedEvents.has(event))).toStrictEqual([]);
		const events = named.length > 0 ? named : [...documentedEvents.keys()];
		const fields = new Set(["event", ...events.flatMap((event) => [...(documentedEvents.get(event) ?? [])])]);
		const own = new Set([...query.matchAll(/ as (\w+)/g)].map(([, name = ""]) => name));
		const words = query.replace(/"[^"]*"|\/[^/]*\//g, "").match(/[a-z]\w*/g) ?? [];
		const unknown = words.filter(
			(word) => ![LANGUAGE, OF_ERRORS, fields, own].some((known) => known.has(word)),
		);
		expect(unknown).toStrictEqual([]);
	});

	test("are there for every kind of fault", () => {
		expect(queries.length).toBeGreaterThanOrEqual(6);
	});
});

test("every metric is explained", () => {
	const table = RUNBOOK.split("\n## Metrics\n")[1]?.split("\n## ")[0] ?? "";
	const explained = [...table.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = ""]) =>
		[...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
	);
	expect(explained.toSorted()).toStrictEqual([...METRIC_NAMES].toSorted());
});

test("the admin commands of the runbook exist", () => {
	const commands = [...RUNBOOK.matchAll(/npm run admin -- ([^`\n]+)`/g)].map(([, command = ""]) => command);
	expect(commands.length).toBeGreaterThan(2);
	for (const command of commands)
		expect(readInvocation(command.replace(/<\w+>/g, "acme").split(" "))).toBeDefined();
});
