/** Longest time a webhook may take; the `timeout` setting cannot exceed it (contract). */
export const MAX_CALL_SECONDS = 120;

/** How long a claim is honoured. Outlasts the longest call, so a live worker never loses its claim. */
export const LEASE_SECONDS = MAX_CALL_SECONDS + 30;

/** How long a received message stays hidden. Outlasts the lease, so its return finds the claim expired. */
export const VISIBILITY_SECONDS = LEASE_SECONDS + 30;

/** Receives after which a message that keeps failing goes to the dead-letter queue. */
export const MAX_RECEIVES = 10;

/** What is promised of the time from due to the start of the first attempt: 99 in 100 are no later. */
export const LAG_OBJECTIVE_MS = 1_000;

/** Messages handed to one invocation of the delivery handler. */
export const BATCH_SIZE = 10;

/** How long a pump or a job starts new work before it hands over to the next invocation, so that queues take turns. */
export const WORK_SECONDS = 60;

/** Longest time that the work handler takes: its work, the last call, and what follows from it. */
export const WORK_TIMEOUT_SECONDS = WORK_SECONDS + LEASE_SECONDS;

/** How long a received work message stays hidden. */
export const WORK_VISIBILITY_SECONDS = WORK_TIMEOUT_SECONDS + 30;
