import type { Job } from "../core/job.ts";
import { jobView } from "../core/job-view.ts";
import type { ApiResult } from "../middleware/api-event.ts";
import { json } from "../middleware/reply.ts";

/** 202 with a job that has begun and where to follow it. */
export const jobStarted = (job: Job): ApiResult =>
	json(202, jobView(job), { location: `/v1/queues/${job.queue}/jobs/${job.id}` });
