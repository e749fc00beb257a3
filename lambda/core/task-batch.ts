/** Tasks in one `POST /v1/tasks/batch`, at most. */
export const MAX_BATCH_TASKS = 100;
