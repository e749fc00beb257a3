import type { PlannedTask } from "./plan.ts";

/** A task that a client was told is accepted. Instants are epoch ms. */
export type AcceptedTask = Readonly<{ id: string; task: PlannedTask; acceptedAt: number; runAt: number }>;

/** A queue was paused from when that was confirmed until somebody asked to resume it. */
export type Pause = { readonly queue: string; readonly from: number; until: number };

/** A bulk job that a client was told will be done. */
export type AcceptedJob = Readonly<{ team: string; queue: string; id: string }>;

/** What clients were told: the promises that the service has to keep. */
export class Book {
	readonly #accepted = new Map<string, AcceptedTask>();
	readonly #idsOf = new Map<number, string[]>();
	readonly #cancelled = new Map<string, number>();
	readonly #secrets = new Map<string, string[]>();
	readonly pauses: Pause[] = [];
	readonly jobs: AcceptedJob[] = [];
	/** Tasks that may have been purged, as somebody has asked for that. */
	readonly purgedQueues = new Set<string>();

	get accepted(): ReadonlyMap<string, AcceptedTask> {
		return this.#accepted;
	}

	/** When the task's cancellation was confirmed; undefined when it was not. Epoch ms. */
	cancelledAt(id: string): number | undefined {
		return this.#cancelled.get(id);
	}

	/** The ids under which a planned task was accepted: one, unless a client without idempotency key has asked again. */
	idsOf(n: number): readonly string[] {
		return this.#idsOf.get(n) ?? [];
	}

	/** Secrets of a team that may sign, newest first. */
	secretsOf(team: string): readonly string[] {
		return this.#secrets.get(team) ?? [];
	}

	noteSecret(team: string, secret: string): void {
		this.#secrets.set(team, [secret, ...this.secretsOf(team)]);
	}

	noteAccepted(accepted: AcceptedTask): void {
		const { id, task } = accepted;
		if (!this.#accepted.has(id)) this.#accepted.set(id, accepted);
		if (!this.idsOf(task.n).includes(id)) this.#idsOf.set(task.n, [...this.idsOf(task.n), id]);
	}

	noteCancelled(id: string, at: number): void {
		if (!this.#cancelled.has(id)) this.#cancelled.set(id, at);
	}
}
