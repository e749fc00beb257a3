/** Longest time a webhook may take; the `timeout` setting cannot exceed it (contract). */
export const MAX_CALL_SECONDS = 120;

/** How long a claim is honoured. Outlasts the longest call, so a live worker never loses its claim. */
export const LEASE_SECONDS = MAX_CALL_SECONDS + 30;

/** How long a received message stays hidden. Outlasts the lease, so its return finds the claim expired. */
export const VISIBILITY_SECONDS = LEASE_SECONDS + 30;

/** Receives after which a message that keeps failing goes to the dead-letter queue. */
export const MAX_RECEIVES = 10;

/** Messages handed to one invocation of the delivery handler. */
export const BATCH_SIZE = 10;
