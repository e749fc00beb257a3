import * as z from "zod";
import { QueueName } from "./queue.ts";

/** Each of them has metrics of its own, which are billed by the month. */
const MAX_METRIC_QUEUES = 20;

/** What queues that have no metrics of their own are counted as. No queue can be called so. */
export const OTHER_QUEUES = "(other)";

/** Names of queues, comma separated: `orders,emails`. */
export const QueueList = z
	.string()
	.transform((text) => [...new Set(text.split(",").map((name) => name.trim()))])
	.pipe(z.array(QueueName).max(MAX_METRIC_QUEUES, `must be ${MAX_METRIC_QUEUES} queues at most`));
