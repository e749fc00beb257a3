import type { DestinationStream } from "pino";
import type { Ports } from "../../ports.ts";
import { meteredLog } from "../metered-log.ts";
import { pinoLog, standardOutput } from "../pino-log.ts";
import type { AwsConfig } from "./config.ts";
import { EmbeddedMetrics } from "./embedded-metrics.ts";
import { sampledLog } from "./sampled-log.ts";

/**
 * A function whose log is also measured: what each invocation has measured is written when it ends, however it ends.
 * One that is cut off (a timeout, a crash) leaves its lines, but not its metrics.
 */
export const meteredFunction = <Event, Context, Result>(
	config: AwsConfig,
	ports: Ports,
	handlerOf: (ports: Ports) => (event: Event, context: Context) => Promise<Result>,
	output: DestinationStream = standardOutput(),
): ((event: Event, context: Context) => Promise<Result>) => {
	const log = sampledLog(pinoLog(config.logLevel, output));
	if (!config.metrics) return handlerOf({ ...ports, log });
	const { clock } = ports;
	const metrics = new EmbeddedMetrics({ ...config.metrics, write: (line) => output.write(line), clock });
	const handler = handlerOf({ ...ports, log: meteredLog(log, metrics) });
	return async (event, context) => {
		try {
			return await handler(event, context);
		} finally {
			metrics.flush();
		}
	};
};
