import type { TaskPlan } from "./task-plan.ts";

/** One call that the webhook received. Instants are ms on this process's monotonic clock. */
export type Call = {
	readonly taskId: string;
	readonly attempt: number;
	readonly at: number;
	/** When the answer set out. */
	answeredAt: number | undefined;
	/** When the answer had been sent, or the caller had cut it off. */
	endedAt: number | undefined;
	answered: boolean;
};

/** Everything known of one task that was asked for. Instants are ms on this process's monotonic clock. */
export type TaskStory = {
	/** In its payload: tells which task a call belongs to, even if its creation was never answered. */
	readonly n: number;
	readonly plan: TaskPlan;
	readonly sentAt: number;
	/** The answer to its creation: 2xx, 503 or none. */
	created: "asked" | "accepted" | "refused" | "broken";
	acceptedAt: number | undefined;
	id: string | undefined;
	/** Its first due instant as the API told it, epoch ms. */
	dueAt: number;
	cancel: "none" | "asked" | "confirmed" | "refused" | "broken";
	/** When the cancellation was confirmed. */
	cancelledAt: number;
	readonly calls: Call[];
};

/** What was done to the server, and until when it counts. Monotonic ms. */
export type Disruption = { readonly kind: string; readonly from: number; to: number };

export type Violation = Readonly<{ rule: string; story: string }>;

/** The tasks of a whole soak, the disruptions, and what must not have happened. */
export class Ledger {
	readonly stories: TaskStory[] = [];
	readonly disruptions: Disruption[] = [];
	readonly violations: Violation[] = [];
	accepted = 0;
	answered = 0;
	refused = 0;
	broken = 0;
	calls = 0;

	open(plan: TaskPlan): TaskStory {
		const story: TaskStory = {
			n: this.stories.length,
			plan,
			sentAt: performance.now(),
			created: "asked",
			acceptedAt: undefined,
			id: undefined,
			dueAt: 0,
			cancel: "none",
			cancelledAt: Number.POSITIVE_INFINITY,
			calls: [],
		};
		this.stories.push(story);
		return story;
	}

	accept(story: TaskStory, { id, run_at }: { id: string; run_at: string }): void {
		story.created = "accepted";
		story.acceptedAt = performance.now();
		story.id = id;
		story.dueAt = Date.parse(run_at);
		this.accepted += 1;
	}

	violate(rule: string, story: string): void {
		this.violations.push({ rule, story });
	}

	/** Notes that something is being done to the server; `end` it when it is over. */
	disrupt(kind: string): Disruption {
		const disruption = { kind, from: performance.now(), to: Number.POSITIVE_INFINITY };
		this.disruptions.push(disruption);
		return disruption;
	}

	/** The disruptions of `kinds` that touched the time between `from` and `to`. */
	during(from: number, to: number, kinds: readonly string[]): Disruption[] {
		return this.disruptions.filter((each) => kinds.includes(each.kind) && each.from <= to && each.to >= from);
	}
}

/** Disruptions that may cost the result of a call, so that it is repeated. */
export const KILLS = ["SIGKILL"] as const;
export const DISK_FAULTS = ["full disk", "refused writes"] as const;
