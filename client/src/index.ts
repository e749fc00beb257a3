// biome-ignore-all lint/performance/noBarrelFile: the package's entry.
export type { ApiOptions as AsyncQueueOptions, CallOptions } from "./api.ts";
export type { ApiKey, IssuedApiKey, NewApiKey } from "./api-key.ts";
export { AsyncQueue } from "./async-queue.ts";
export {
	type ApiErrorCode,
	AsyncQueueApiError,
	AsyncQueueConnectionError,
	AsyncQueueError,
	AsyncQueueTimeoutError,
} from "./errors.ts";
export type { CancelFilter, Job, JobRef, PurgeFilter, RedriveFilter } from "./job.ts";
export type { Count, Queue, QueueSettings, QueueSettingsInput, QueueWithCounts } from "./queue.ts";
export type {
	Attempt,
	BatchResult,
	Fault,
	NewTask,
	Task,
	TaskPage,
	TaskQuery,
	TaskStatus,
} from "./task.ts";
export type { CreateOptions } from "./tasks.ts";
export type { Fetch } from "./transport.ts";
export type { WaitOptions } from "./wait-for.ts";
