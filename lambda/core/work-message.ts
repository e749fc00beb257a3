import * as z from "zod";

const aboutQueue = {
	team_id: z.string().min(1),
	queue: z.string().min(1),
	/** Epoch ms. A message that arrives earlier is sent again for the rest of its time. */
	due_at: z.int().min(0),
};

/**
 * What travels through the work queue: work on a queue as a whole, beside the deliveries.
 *
 * - `pump`: someone should look after the queue's waiting line.
 * - `job`: a bulk job should go on.
 */
export const WorkMessage = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("pump"), ...aboutQueue }),
	z.object({ kind: z.literal("job"), ...aboutQueue, job_id: z.string().min(1) }),
]);
export type WorkMessage = Readonly<z.infer<typeof WorkMessage>>;
export type PumpMessage = Extract<WorkMessage, { kind: "pump" }>;
export type JobMessage = Extract<WorkMessage, { kind: "job" }>;
