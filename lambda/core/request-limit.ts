import * as z from "zod";
import { MAX_BATCH_TASKS } from "./task-batch.ts";

/** What a team may ask of the API: so many `requests` in any `seconds` in a row. */
export type RequestLimit = Readonly<{ requests: number; seconds: number }>;

const MAX_REQUESTS = 1_000_000;
const MAX_SECONDS = 86_400;

/**
 * A limit as a setting has it, such as `600/60`. It has room for the largest batch, which counts as many requests as it
 * has tasks: under a smaller one such a batch could never be sent.
 */
export const RequestLimitText = z
	.string()
	.regex(/^\d{1,7}\/\d{1,5}$/, "must look like 600/60: requests / seconds")
	.transform((text): RequestLimit => {
		const [requests, seconds] = text.split("/").map(Number) as [number, number];
		return { requests, seconds };
	})
	.refine(({ requests }) => requests >= MAX_BATCH_TASKS && requests <= MAX_REQUESTS, {
		error: `must allow ${MAX_BATCH_TASKS} to ${MAX_REQUESTS} requests; a batch counts as many as it has tasks`,
	})
	.refine(({ seconds }) => seconds >= 1 && seconds <= MAX_SECONDS, {
		error: `must be about 1 to ${MAX_SECONDS} seconds`,
	});
