import type { FlowLimits } from "../../core/flow-control.ts";

/**
 * A queue has four pumps at most, each an invocation. One that has not proved to be quick has one, which makes 20
 * calls at a time: on the lanes every ten slow calls would take up an invocation that all queues share.
 */
export const AWS_FLOW_LIMITS: FlowLimits = { pumpSeats: 4, unprovenConcurrency: 20 };
