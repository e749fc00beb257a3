/** Work on many tasks of one queue, as `redrive`, `cancel`, `purge` and a forced `delete` begin it. */
export type Job = Readonly<{
	id: string;
	kind: "redrive" | "cancel" | "purge" | "delete";
	queue: string;
	status: "running" | "finished";
	/** Which tasks it is about; null does not restrict it. */
	filter: Readonly<{
		status: "pending" | "completed" | "failed" | "cancelled";
		created_before: string | null;
		code: string | null;
		max: number | null;
	}>;
	/** Tasks that it expects to change, or null when counting them would have been too expensive. */
	total: number | null;
	/** Tasks changed so far. */
	changed: number;
	created_at: string;
	updated_at: string;
	finished_at: string | null;
}>;

/** Where a job is found. A `Job` is one itself. */
export type JobRef = Pick<Job, "queue" | "id">;

/** Which pending tasks to cancel; all when nothing is named. */
export type CancelFilter = Readonly<{
	/** ISO 8601 instant. */
	created_before?: string | undefined;
	/** Tasks to change, at most. */
	max?: number | undefined;
}>;

/** Which failed tasks to put back; all when nothing is named. */
export type RedriveFilter = CancelFilter &
	Readonly<{
		/** The last attempt's `error` or `response_code`, such as `timeout`, `http_500` or 500. */
		code?: string | number | undefined;
	}>;

/** Which finished tasks to delete: failed ones when `status` is left out. */
export type PurgeFilter = RedriveFilter &
	Readonly<{ status?: "failed" | "completed" | "cancelled" | undefined }>;
