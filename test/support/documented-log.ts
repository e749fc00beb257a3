import { readFileSync } from "node:fs";

const DOCUMENT = new URL("../../docs/logs.md", import.meta.url);

/** A row of the table: | `event` | level | `field`, `field` | meaning | */
const ROW = /^\| `([\w.]+)` \| ([^|]*) \| ([^|]*) \|/;

/** Event → its fields, as docs/logs.md has them. */
export const documentedEvents: ReadonlyMap<string, ReadonlySet<string>> = new Map(
	readFileSync(DOCUMENT, "utf8")
		.split("\n")
		.flatMap((line) => {
			const [, event, , fields = ""] = ROW.exec(line) ?? [];
			const names = [...fields.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
			return event === undefined ? [] : [[event, new Set(names)] as const];
		}),
);

/** What every line has. */
const COMMON = ["time", "level", "event"];

/** Throws when an event, or one of its fields, is not documented. */
export const assertDocumented = ({ event, fields }: Readonly<{ event: string; fields: object }>): void => {
	const documented = documentedEvents.get(event);
	if (!documented) throw new Error(`The log event ${event} is not in docs/logs.md`);
	const unknown = Object.keys(fields).filter((name) => !documented.has(name) && !COMMON.includes(name));
	if (unknown.length > 0)
		throw new Error(`The log event ${event} has fields that docs/logs.md does not have: ${unknown}`);
};

const isLogLine = (line: string): boolean => line.startsWith("{");

/** Throws when a line of the log that a server has printed is not documented. A killed one may break off in a line. */
export const assertLogDocumented = (printed: string): void => {
	const lines = printed.split("\n").slice(0, -1).filter(isLogLine);
	for (const line of lines) {
		const fields = JSON.parse(line);
		assertDocumented({ event: fields.event, fields });
	}
};
