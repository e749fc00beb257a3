import { type LogLevel, type Measurement, measurementsOf } from "../core/metric.ts";
import type { Log } from "../ports.ts";

/** Takes what is measured. Must not throw. */
export interface Metrics {
	add(measurement: Measurement): void;
}

/** A log that measures each of its events, also those that `log` does not write. */
export const meteredLog = (log: Log, metrics: Metrics): Log => {
	const at =
		(level: LogLevel): Log[LogLevel] =>
		(event, fields) => {
			for (const measurement of measurementsOf(level, event, fields)) metrics.add(measurement);
			log[level](event, fields);
		};
	return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};
