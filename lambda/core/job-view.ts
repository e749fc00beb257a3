import { instant } from "./instant.ts";
import type { Job } from "./job.ts";

const instantOrNull = (epochMs: number | undefined): string | null =>
	epochMs === undefined ? null : instant(epochMs);

/** A bulk job as the API shows it. */
export const jobView = ({ filter, ...job }: Job) => ({
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
