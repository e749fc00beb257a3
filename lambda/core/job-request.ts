import * as z from "zod";
import type { JobFilter } from "./job.ts";

const Instant = z.iso.datetime({ offset: true, error: "must be an ISO 8601 instant" });

/** Members that every bulk request may have. */
const limits = {
	created_before: Instant.describe("Only tasks created before this instant.").optional(),
	max: z.int().min(1).describe("Tasks to change, at most.").optional(),
};

/** As the API shows it: `error` of an attempt, or its `response_code`. */
const Code = z
	.union(
		[
			z
				.string()
				.min(1)
				.max(64)
				.refine((text) => text.isWellFormed()),
			z.int().min(100).max(999),
		],
		{
			error: "must be an attempt's error or response code",
		},
	)
	.meta({
		description: "Only tasks whose last attempt had this `error` or `response_code`.",
		examples: ["http_500"],
	})
	.optional();

/** Body of `POST /v1/queues/{queue}/redrive`. */
export const RedriveRequest = z
	.strictObject({ ...limits, code: Code })
	.describe("Which failed tasks to put back; all, if nothing is named.");

/** Body of `POST /v1/queues/{queue}/cancel`. */
export const CancelRequest = z
	.strictObject(limits)
	.describe("Which pending tasks to cancel; all, if nothing is named.");

/** Body of `POST /v1/queues/{queue}/purge`. */
export const PurgeRequest = z
	.strictObject({
		...limits,
		code: Code,
		status: z
			.enum(["failed", "completed", "cancelled"])
			.describe("Which finished tasks to delete.")
			.default("failed"),
	})
	.describe("Which finished tasks to delete.");

type JobLimits = Readonly<Partial<z.infer<typeof RedriveRequest>>>;

/** Which tasks of `status` a request is about. */
export const jobFilter = (
	status: JobFilter["status"],
	{ created_before, max, code }: JobLimits,
): JobFilter => ({
	status,
	...(created_before === undefined ? {} : { createdBefore: Date.parse(created_before) }),
	...(code === undefined ? {} : { code: String(code) }),
	...(max === undefined ? {} : { max }),
});

/** Whether all tasks of the status are meant, but for `max`. */
export const isUnfiltered = ({ createdBefore, code }: JobFilter): boolean =>
	createdBefore === undefined && code === undefined;
