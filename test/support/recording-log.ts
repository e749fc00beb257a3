import { errorFields } from "../../lambda/adapters/error-fields.ts";
import type { Log } from "../../lambda/ports.ts";
import { assertDocumented } from "./documented-log.ts";

export type LogLine = Readonly<{
	level: string;
	event: string;
	fields: Readonly<Record<string, unknown>>;
}>;

/** A log that adds to `lines`, and takes nothing that docs/logs.md does not have. */
export const recordingLog = (lines: LogLine[]): Log => {
	const at = (level: string) => (event: string, fields: Readonly<Record<string, unknown>>) => {
		const line = { level, event, fields };
		assertDocumented(line);
		lines.push(line);
	};
	return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};

/** What such a log would look like, but for what is blacked out: whoever logs a secret is to be noticed. */
export const textOf = (lines: readonly LogLine[]): string =>
	lines
		.map(({ event, fields: { sha256: _, error, ...fields } }) =>
			JSON.stringify({ event, ...fields, ...(error === undefined ? {} : { error: errorFields(error) }) }),
		)
		.join("\n");
