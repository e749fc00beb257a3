import { type DestinationStream, type Level, pino } from "pino";
import type { Log } from "../ports.ts";
import { errorFields } from "./error-fields.ts";

export type LogLevel = Level | "silent";

/** API keys, with as much left as tells them apart, and signatures. */
const SECRETS = /(aq_(?:live|test)_[\w-]{4})[\w-]+|(v1[=,])[\w+/=-]{20,}/g;

/**
 * The last line of defence: nothing logs secrets on purpose, but a client may take a key for an id and put it into a
 * path.
 */
const blackOut = (line: string): string => line.replace(SECRETS, "$1$2…");

/** JSON lines with an ISO time, written at once, so that nothing is lost when the process is frozen or killed. */
export const pinoLog = (
	level: LogLevel,
	destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Log => {
	const logger = pino(
		{
			level,
			base: null,
			messageKey: "event",
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }) },
			serializers: { error: errorFields },
			hooks: { streamWrite: blackOut },
		},
		destination,
	);
	return {
		debug: (event, fields) => logger.debug(fields, event),
		info: (event, fields) => logger.info(fields, event),
		warn: (event, fields) => logger.warn(fields, event),
		error: (event, fields) => logger.error(fields, event),
	};
};
