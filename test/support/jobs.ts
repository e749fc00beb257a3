import { systemRandom } from "../../lambda/adapters/system.ts";
import { type Job, type JobKey, jobIdFor } from "../../lambda/core/job.ts";
import { NOON, uniqueTeam } from "./unique-tasks.ts";

/** A running job with an id of its own, of a team of its own. */
export const aJob = (changes: Partial<Job> = {}): Job => ({
	teamId: uniqueTeam(),
	queue: "emails",
	id: jobIdFor(systemRandom.ulid(NOON)),
	kind: "redrive",
	filter: { status: "failed" },
	status: "running",
	total: null,
	changed: 0,
	batch: [],
	version: 0,
	createdAt: NOON,
	updatedAt: NOON,
	...changes,
});

export const keyOfJob = ({ teamId, queue, id }: Job): JobKey => ({
	queue: { teamId, name: queue },
	jobId: id,
});
