import { type DestinationStream, type Level, pino } from "pino";
import { blackOut } from "../core/black-out.ts";
import type { Log } from "../ports.ts";
import { errorFields } from "./error-fields.ts";

export type LogLevel = Level | "silent";

/** Written at once, so that nothing is lost when the process is frozen or killed. */
export const standardOutput = (): DestinationStream => pino.destination({ fd: 1, sync: true });

/** JSON lines with an ISO time. */
export const pinoLog = (level: LogLevel, destination: DestinationStream = standardOutput()): Log => {
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
