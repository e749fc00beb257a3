/** Someone who takes turns. `finish` is the virtual time at which everything that it took is paid for. */
type Flow = { finish: number; waiting: boolean };

/**
 * Start-time Fair Queueing (Goyal, Vin and Cheng, 1996): whoever would start earliest in virtual time is next, and
 * virtual time is the start of whoever was last. What is taken costs its amount divided by the taker's weight; neither
 * needs to be known before. While two have something waiting, what they take differs by their two largest costs at
 * most. Who comes back after a pause, or may take something again, starts level with the others: there is no credit
 * for time without a wish, and nothing that was taken is forgotten by leaving for a moment.
 *
 * Costs a step for each flow and turn, which for thousands of flows is still less than what a turn is taken for.
 */
export class FairTurns {
	/** Those with something waiting, and those who still owe for what they took. In the order of their coming. */
	readonly #flows = new Map<string, Flow>();
	#virtualTime = 0;
	#waiting = 0;

	/** Whether anyone has something waiting. */
	get isIdle(): boolean {
		return this.#waiting === 0;
	}

	/** Says that `name` has something waiting; not an error when that is known. */
	begin(name: string): void {
		const flow = this.#flows.get(name);
		if (flow?.waiting) return;
		this.#waiting += 1;
		if (flow) flow.waiting = true;
		else this.#flows.set(name, { finish: this.#virtualTime, waiting: true });
	}

	/** Says that `name` has nothing waiting any more. */
	end(name: string): void {
		const flow = this.#flows.get(name);
		if (!flow?.waiting) return;
		flow.waiting = false;
		this.#waiting -= 1;
		// Nobody was kept from anything, so nobody owes anything.
		if (this.isIdle) this.#flows.clear();
	}

	/** Whose turn it is among those that may take something. */
	next(mayTake: (name: string) => boolean = () => true): string | undefined {
		let next: string | undefined;
		let earliest = Number.POSITIVE_INFINITY;
		for (const [name, flow] of this.#flows) {
			const start = this.#startOf(flow);
			if (!flow.waiting) {
				if (flow.finish <= this.#virtualTime) this.#flows.delete(name);
			} else if (start < earliest && mayTake(name)) {
				next = name;
				earliest = start;
			}
		}
		return next;
	}

	/** Charges `name`, which has something waiting, for what it took on its turn. */
	charge(name: string, cost: number): void {
		const flow = this.#flows.get(name);
		if (!flow) return;
		this.#virtualTime = this.#startOf(flow);
		flow.finish = this.#virtualTime + cost;
	}

	#startOf({ finish }: Flow): number {
		return Math.max(finish, this.#virtualTime);
	}
}
