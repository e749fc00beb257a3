import { nextSlotAt, reachableSlot } from "../core/call-pace.ts";
import type { QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";
import { attemptTask, type ClaimedTask, timeoutOf } from "./attempt-task.ts";
import { assertMayStart, CallWithheldError, type PendingCall } from "./call-permission.ts";
import { releaseClaim } from "./deliver-task.ts";
import { PlaceLostError, type PumpPlace } from "./pump-place.ts";
import { QueueProof, watchForSlowness } from "./queue-proof.ts";

/**
 * The calls of one pump, from claim to result. Each is given a slot when its attempt is claimed, so that no more are
 * claimed than can start; but what counts for the pace is when it starts, however long the way there has taken.
 */
export class PumpCalls {
	readonly #ports: Ports;
	readonly #queue: QueueKey;
	readonly #place: PumpPlace;
	readonly #proof: QueueProof;
	/** From when on the next call may start; 0 when nothing limits it. Epoch ms. */
	#opensAt: number;
	/** The next slot to be given away. Epoch ms. */
	#slotAt: number;
	/** Calls that have a slot and have not started. */
	#promised = 0;

	constructor(ports: Ports, queue: QueueKey, place: PumpPlace) {
		this.#ports = ports;
		this.#queue = queue;
		this.#place = place;
		this.#proof = new QueueProof(ports, queue);
		this.#opensAt = place.slotAt;
		this.#slotAt = place.slotAt;
	}

	/** From when on the next call may start; 0 when nothing limits it. Epoch ms. */
	get opensAt(): number {
		return this.#opensAt;
	}

	/** The next slot to be given away, where calls have to be so far apart. Epoch ms. */
	nextSlot(intervalMs: number): number {
		this.#keepReachable(intervalMs);
		return this.#slotAt;
	}

	/** Gives the call that is made next a slot; the one after it follows `intervalMs` later. */
	promise(intervalMs: number): void {
		this.#promised += 1;
		this.#slotAt = nextSlotAt(this.#slotAt, this.#ports.clock.now(), intervalMs);
	}

	/**
	 * Makes the call as soon as it may start, and settles it; `intervalMs` is what has to lie between two calls, if
	 * anything, and `onAnswer` is told when the webhook has answered. Throws `PlaceLostError` and `CallWithheldError`
	 * when there was no call: the attempt is not claimed then any more.
	 */
	async call(claimed: ClaimedTask, intervalMs: number | undefined, onAnswer: () => void): Promise<void> {
		const stopWatching = watchForSlowness(this.#ports, this.#queue);
		let hasSlot = intervalMs !== undefined;
		const useSlot = (): void => {
			if (hasSlot) this.#promised -= 1;
			hasSlot = false;
		};
		let calledMs = 0;
		try {
			await attemptTask(this.#ports, claimed, {
				mayStart: async () => {
					await this.#start(claimed, intervalMs);
					useSlot();
					// Calls on their way come first.
					if (intervalMs !== undefined)
						this.#slotAt = Math.max(this.#slotAt, this.#opensAt + this.#promised * intervalMs);
				},
				onAnswer: (durationMs) => {
					calledMs = durationMs;
					stopWatching();
					onAnswer();
				},
			});
		} catch (error) {
			if (error instanceof CallWithheldError || error instanceof PlaceLostError)
				await releaseClaim(this.#ports, claimed);
			throw error;
		} finally {
			useSlot();
			stopWatching();
		}
		await this.#proof.called(calledMs);
	}

	/** There are no more calls. */
	end(): Promise<void> {
		return this.#proof.end();
	}

	/** Forgets slots that a clock which was set back since would take long to reach. */
	#keepReachable(intervalMs: number): void {
		// A slot on record may be that of a pump with fewer seats, whose calls were farther apart.
		const farthestMs = intervalMs * this.#place.seats.length * (this.#promised + 1);
		const now = this.#ports.clock.now();
		this.#opensAt = reachableSlot(this.#opensAt, now, farthestMs);
		this.#slotAt = reachableSlot(this.#slotAt, now, farthestMs);
	}

	/** Resolves when the call may start, at once. */
	async #start({ task, leaseUntil, queue }: ClaimedTask, intervalMs: number | undefined): Promise<void> {
		const call: PendingCall = { timeoutMs: timeoutOf(task, queue) * 1_000, leaseUntil };
		for (;;) {
			await assertMayStart(this.#ports, this.#queue, call);
			// From here to the return nothing may be waited for, or two calls could use the same slot.
			const waitMs = this.#waitMs(intervalMs);
			if (waitMs > 0) {
				await this.#ports.timer.sleep(waitMs);
				continue;
			}
			const now = this.#ports.clock.now();
			const opensAt = intervalMs === undefined ? 0 : nextSlotAt(this.#opensAt, now, intervalMs);
			if (this.#place.covers(call.timeoutMs, opensAt)) {
				this.#opensAt = opensAt;
				return;
			}
			await this.#place.cover(call.timeoutMs, opensAt);
		}
	}

	#waitMs(intervalMs: number | undefined): number {
		if (intervalMs === undefined) return 0;
		this.#keepReachable(intervalMs);
		return this.#opensAt - this.#ports.clock.now();
	}
}
