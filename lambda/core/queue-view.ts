import { instant } from "./instant.ts";
import type { Queue } from "./queue.ts";

/** A queue as the API shows it at `now` (epoch ms). A hold that is over is none. */
export const queueView = ({ name, settings, createdAt, updatedAt, heldUntil = 0 }: Queue, now: number) => ({
	name,
	...settings,
	created_at: instant(createdAt),
	updated_at: instant(updatedAt),
	held_until: heldUntil > now ? instant(heldUntil) : null,
});

/** How many tasks of a status there are. Instants are epoch ms. */
type Count = Readonly<{ count: number; exact: boolean; asOf: number }>;

const countView = ({ count, exact, asOf }: Count) => ({ count, exact, as_of: instant(asOf) });

/** The unfinished and the failed tasks of a queue as the API shows them. */
export const countsView = ({
	pending,
	active,
	failed,
}: Readonly<Record<"pending" | "active" | "failed", Count>>) => ({
	pending: countView(pending),
	active: countView(active),
	failed: countView(failed),
});
