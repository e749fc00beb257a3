import { FairTurns } from "./fair-turns.ts";

/** A queue that has messages ready. */
type ReadyQueue = Readonly<{ teamId: string; queue: string }>;

/** How many messages a queue may be given now. */
export type Room = (teamId: string, queue: string) => number;

/**
 * The queues that have messages ready, and whose turn it is: teams share equally, and within a team each message
 * costs its queue one divided by the message's priority. So a queue's share grows with the priority of what it wants
 * to send, and none goes without.
 */
export class ReadyQueues {
	readonly #teams = new FairTurns();
	/** Each team's queues. */
	readonly #queues = new Map<string, FairTurns>();

	add(teamId: string, queue: string): void {
		this.#teams.begin(teamId);
		let queues = this.#queues.get(teamId);
		if (!queues) {
			queues = new FairTurns();
			this.#queues.set(teamId, queues);
		}
		queues.begin(queue);
	}

	/** The next queue among those for which there is room. */
	next(room: Room): ReadyQueue | undefined {
		const nextOf = (teamId: string) => this.#queues.get(teamId)?.next((queue) => room(teamId, queue) > 0);
		const teamId = this.#teams.next((team) => nextOf(team) !== undefined);
		if (teamId === undefined) return undefined;
		const queue = nextOf(teamId);
		return queue === undefined ? undefined : { teamId, queue };
	}

	/** The queue was given messages of these priorities. */
	charge({ teamId, queue }: ReadyQueue, priorities: readonly number[]): void {
		if (priorities.length === 0) return;
		this.#teams.charge(teamId, priorities.length);
		const cost = priorities.reduce((sum, priority) => sum + 1 / priority, 0);
		this.#queues.get(teamId)?.charge(queue, cost);
	}

	/** The queue has nothing ready any more. */
	remove({ teamId, queue }: ReadyQueue): void {
		const queues = this.#queues.get(teamId);
		queues?.end(queue);
		if (!queues?.isIdle) return;
		this.#queues.delete(teamId);
		this.#teams.end(teamId);
	}
}
