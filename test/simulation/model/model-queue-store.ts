import type { Queue, QueueKey, QueueNotes } from "../../../lambda/core/queue.ts";
import type { QueueStore } from "../../../lambda/ports.ts";
import { TeamMap } from "./team-map.ts";

const byName = (a: Queue, b: Queue): number => (a.name < b.name ? -1 : 1);

/** Queues as a map. Every read is fresh and every write in force at once: only caches in front of it remember. */
export class ModelQueueStore implements QueueStore {
	readonly #queues = new TeamMap<Queue>();

	async get(teamId: string, name: string): Promise<Queue | undefined> {
		return this.#queues.get(teamId, name);
	}

	async getFresh(teamId: string, name: string): Promise<Queue | undefined> {
		return this.#queues.get(teamId, name);
	}

	async list(teamId: string): Promise<readonly Queue[]> {
		return this.#queues.ofTeam(teamId).sort(byName);
	}

	async create(queue: Queue): Promise<Queue> {
		return this.#queues.get(queue.teamId, queue.name) ?? this.#store(queue);
	}

	async put(queue: Queue): Promise<Queue> {
		const { teamId, name, settings, updatedAt } = queue;
		const standing = this.#queues.get(teamId, name) ?? queue;
		return this.#store({ ...standing, settings, updatedAt });
	}

	async replace(
		{ teamId, name, settings, updatedAt }: Queue,
		ifUpdatedAt: number,
	): Promise<Queue | undefined> {
		const standing = this.#queues.get(teamId, name);
		if (standing?.updatedAt !== ifUpdatedAt) return undefined;
		return this.#store({ ...standing, settings, updatedAt });
	}

	async note({ teamId, name }: QueueKey, notes: QueueNotes): Promise<void> {
		const standing = this.#queues.get(teamId, name);
		if (!standing) return;
		this.#store({
			...standing,
			slowAt: notes.slowAt ?? standing.slowAt,
			quickAt: notes.quickAt ?? standing.quickAt,
		});
	}

	async hold({ teamId, name }: QueueKey, until: number): Promise<Queue | undefined> {
		const standing = this.#queues.get(teamId, name);
		return standing && this.#store({ ...standing, heldUntil: Math.max(standing.heldUntil ?? 0, until) });
	}

	async endHold({ teamId, name }: QueueKey): Promise<void> {
		const standing = this.#queues.get(teamId, name);
		if (standing) this.#store({ ...standing, heldUntil: 0 });
	}

	async remove({ teamId, name }: QueueKey): Promise<void> {
		this.#queues.delete(teamId, name);
	}

	async inForce(): Promise<void> {}

	all(): readonly Queue[] {
		return this.#queues.all();
	}

	#store(queue: Queue): Queue {
		this.#queues.set(queue.teamId, queue.name, queue);
		return queue;
	}
}
