import * as z from "zod";
import { InstantView, instant } from "./instant.ts";
import { type Job, JobFilter, JobKind } from "./job.ts";
import { QueueName } from "./queue.ts";

/** A bulk job as the API shows it. */
export const JobView = z
	.strictObject({
		id: z.string().meta({
			description: "Opaque; sorts by creation.",
			examples: ["job_01M84H3ZNHNV02RC6QCBQABY9T"],
		}),
		kind: JobKind.describe("What is done with the tasks; `delete` cancels them, then removes the queue."),
		queue: QueueName.describe("Name of the queue whose tasks are changed."),
		status: z.enum(["running", "finished"]).describe("Whether the job goes on."),
		filter: z
			.strictObject({
				status: JobFilter.shape.status.describe("Status of the tasks that the job is about."),
				created_before: InstantView.nullable().meta({
					description: "Only tasks created before; null: no matter when.",
					examples: [null],
				}),
				code: z
					.string()
					.nullable()
					.meta({
						description: "Only tasks whose last attempt had this `error` or `response_code`; null: any.",
						examples: ["http_500"],
					}),
				max: z
					.int()
					.nullable()
					.meta({ description: "Tasks to change, at most; null: all.", examples: [null] }),
			})
			.describe("Which tasks the job is about."),
		total: z
			.int()
			.min(0)
			.nullable()
			.meta({
				description: "Tasks that the job expected to change when it began; null: not counted.",
				examples: [12],
			}),
		changed: z
			.int()
			.min(0)
			.meta({ description: "Tasks changed so far.", examples: [0] }),
		created_at: InstantView.describe("When the job began."),
		updated_at: InstantView.describe("When it last made progress."),
		finished_at: InstantView.nullable().meta({
			description: "When it finished; null while it runs.",
			examples: [null],
		}),
	})
	.describe("Work on many tasks of one queue, and how far it is. Kept for 7 days.");
export type JobView = Readonly<z.infer<typeof JobView>>;

const instantOrNull = (epochMs: number | undefined): string | null =>
	epochMs === undefined ? null : instant(epochMs);

/** A bulk job as the API shows it. */
export const jobView = ({ filter, ...job }: Job): JobView => ({
	id: job.id,
	kind: job.kind,
	queue: job.queue,
	status: job.status,
	filter: {
		status: filter.status,
		created_before: instantOrNull(filter.createdBefore),
		code: filter.code ?? null,
		max: filter.max ?? null,
	},
	total: job.total,
	changed: job.changed,
	created_at: instant(job.createdAt),
	updated_at: instant(job.updatedAt),
	finished_at: instantOrNull(job.finishedAt),
});
