import * as z from "zod";
import { InstantView, instant } from "./instant.ts";
import { type Queue, QueueName, QueueSettings } from "./queue.ts";

const shape = {
	name: QueueName,
	...QueueSettings.shape,
	created_at: InstantView.describe("When the queue was created."),
	updated_at: InstantView.describe("When its settings last changed."),
	held_until: InstantView.nullable().meta({
		description: "No call starts before this instant: a webhook asked for it. null: nothing holds the queue.",
		examples: [null],
	}),
};

/** A queue as the API shows it. */
export const QueueView = z.strictObject(shape).describe("A queue and its settings.");
export type QueueView = Readonly<z.infer<typeof QueueView>>;

const CountView = z
	.strictObject({
		count: z
			.int()
			.min(0)
			.meta({ description: "Tasks in the status.", examples: [12] }),
		exact: z.boolean().meta({ description: "False if there are more than were counted.", examples: [true] }),
		as_of: InstantView.describe("When they were counted."),
	})
	.describe("How many tasks of a status there are.");
type CountView = z.infer<typeof CountView>;

const CountsView = z
	.strictObject({ pending: CountView, active: CountView, failed: CountView })
	.describe("The unfinished and the failed tasks of the queue.");

/** A queue with its tasks counted, as `GET /v1/queues/{queue}` shows it. */
export const QueueStateView = z
	.strictObject({ ...shape, counts: CountsView })
	.describe("A queue, its settings, and how many tasks it has.");
export type QueueStateView = Readonly<z.infer<typeof QueueStateView>>;

/** Answer of `GET /v1/queues`. */
export const QueueListView = z
	.strictObject({ queues: z.array(QueueView).describe("By name.") })
	.describe("All queues of the team.");
export type QueueListView = z.infer<typeof QueueListView>;

/** A queue as the API shows it at `now` (epoch ms). A hold that is over is none. */
export const queueView = (
	{ name, settings, createdAt, updatedAt, heldUntil = 0 }: Queue,
	now: number,
): QueueView => ({
	name,
	...settings,
	created_at: instant(createdAt),
	updated_at: instant(updatedAt),
	held_until: heldUntil > now ? instant(heldUntil) : null,
});

/** How many tasks of a status there are. Instants are epoch ms. */
type Count = Readonly<{ count: number; exact: boolean; asOf: number }>;

const countView = ({ count, exact, asOf }: Count): CountView => ({ count, exact, as_of: instant(asOf) });

/** The unfinished and the failed tasks of a queue as the API shows them. */
export const countsView = ({
	pending,
	active,
	failed,
}: Readonly<Record<"pending" | "active" | "failed", Count>>): QueueStateView["counts"] => ({
	pending: countView(pending),
	active: countView(active),
	failed: countView(failed),
});
