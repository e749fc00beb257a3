import { WORK_SECONDS } from "../core/delivery-limits.ts";
import type { DeliveryMessage } from "../core/delivery-message.ts";
import { drainingFlow, type MeteredFlow, shareOf } from "../core/flow-control.ts";
import type { Queue, QueueKey } from "../core/queue.ts";
import type { Ports } from "../ports.ts";
import type { ClaimedTask } from "./attempt-task.ts";
import { CallWithheldError } from "./call-permission.ts";
import { claimAttempt } from "./deliver-task.ts";
import { dispatch, messageNeeded } from "./dispatch.ts";
import { callPump } from "./join-line.ts";
import { settleFailedInLine } from "./line-message.ts";
import { LineReader } from "./line-reader.ts";
import { PumpCalls } from "./pump-calls.ts";
import { PlaceLostError, type PumpPlace } from "./pump-place.ts";
import { freshQueueFlow, queueFlow } from "./queue-flow.ts";

/** How long a pump that has nothing to start waits before it looks again, while calls are under way. */
const LOOK_AGAIN_MS = 250;

/** Longest wait for a slot that is spent waiting; for a longer one the pump leaves and comes back. */
const PATIENCE_MS = 2_000;

/** How many messages are begun before everybody else in this process has a turn. */
const BEGUN_A_TURN = 32;

/** How long a pump that has called others in leaves the free seats to them. */
const HELP_COMES_WITHIN_MS = 500;

type ClaimedAttempt = Pick<ClaimedTask, "task" | "leaseUntil">;

type Policy = Readonly<{ queue: Queue; flow: MeteredFlow; share: number }>;

/** Why a pump stops: nothing to do any more, or not before `comeBackAt` (epoch ms). */
type Stop = Readonly<{ comeBackAt: number | undefined }>;

/** One pump at the waiting line of a queue: starts calls as the queue's limits allow, and settles what comes of them. */
export class Pump {
	readonly #ports: Ports;
	readonly #queue: QueueKey;
	readonly #place: PumpPlace;
	readonly #caller: PumpCalls;
	readonly #line: LineReader;
	readonly #deadline: number;
	/** Messages being worked on. */
	readonly #working = new Set<Promise<void>>();
	/** Calls under way. */
	#calls = 0;
	#helpCalledAt = 0;
	/** Messages begun in this turn. */
	#begun = 0;
	#failure: unknown;
	/** Ends the pause that is being made, if any. */
	#pausing: AbortController | undefined;
	/** Something has ended since the last look. */
	#nudged = false;

	constructor(ports: Ports, queue: QueueKey, place: PumpPlace) {
		this.#ports = ports;
		this.#queue = queue;
		this.#place = place;
		this.#caller = new PumpCalls(ports, queue, place);
		this.#line = new LineReader(ports.line, queue);
		this.#deadline = ports.clock.now() + WORK_SECONDS * 1_000;
	}

	/** When the rate limit allows the next call; 0 when nothing limits it. Epoch ms. */
	get slotAt(): number {
		return this.#caller.opensAt;
	}

	/**
	 * Works until there is nothing to do; resolves with when there will be again (epoch ms), if that is known. Whatever
	 * goes wrong, the calls that were started are waited for.
	 */
	async work(): Promise<number | undefined> {
		let stop: Stop | undefined;
		try {
			await freshQueueFlow(this.#ports, this.#queue);
			while (!stop) stop = await this.#step();
		} catch (error) {
			this.#failure ??= error;
		}
		await Promise.all(this.#working);
		await this.#caller.end();
		return stop?.comeBackAt;
	}

	/** Throws what kept a message in line, so that the pump's own message comes back. */
	throwFailure(): void {
		if (this.#failure !== undefined) throw this.#failure;
	}

	/** Starts one call or waits for what is in the way of it. */
	async #step(): Promise<Stop | undefined> {
		if (this.#begun === BEGUN_A_TURN) {
			this.#begun = 0;
			await this.#ports.timer.sleep(0);
		}
		const policy = await this.#policy();
		if ("comeBackAt" in policy) return policy;
		const room = policy.share - this.#calls;
		if (room <= 0) return this.#wait(policy.flow, LOOK_AGAIN_MS);
		const message = await this.#next(policy.flow, room);
		if (message) return this.#whenAllowed(message, policy);
		return this.#working.size > 0 ? this.#pause(LOOK_AGAIN_MS) : { comeBackAt: undefined };
	}

	#next({ seats }: MeteredFlow, room: number): Promise<DeliveryMessage | undefined> {
		return this.#line.next({ held: this.#place.seats, seats }, room, this.#ports.clock.now());
	}

	/** Starts the call when its slot has come. If that takes long the pump leaves, and another comes in time. */
	async #whenAllowed(message: DeliveryMessage, policy: Policy): Promise<Stop | undefined> {
		const { clock, workQueue } = this.#ports;
		const intervalMs = this.#intervalOf(policy.flow);
		const slotAt = intervalMs === undefined ? 0 : this.#caller.nextSlot(intervalMs);
		const wait = slotAt - clock.now();
		if (wait <= 0) return this.#start(message, policy.queue, intervalMs);
		if (wait > PATIENCE_MS && this.#working.size === 0)
			return { comeBackAt: Math.floor(slotAt) - workQueue.precisionMs };
		return this.#wait(policy.flow, Math.min(wait, PATIENCE_MS));
	}

	/** What has to lie between two calls of this pump: the seats that others hold start calls as well. */
	#intervalOf({ intervalMs, seats }: MeteredFlow): number | undefined {
		return intervalMs === undefined ? undefined : (intervalMs * seats) / this.#place.seats.length;
	}

	/** What the queue allows this pump now, or why it has to stop. */
	async #policy(): Promise<Policy | Stop> {
		if (this.#failure instanceof PlaceLostError) return { comeBackAt: undefined };
		const { queue, flow } = await queueFlow(this.#ports, this.#queue);
		if (flow.kind === "stopped") return { comeBackAt: undefined };
		if (flow.kind === "held") return { comeBackAt: flow.until };
		const now = this.#ports.clock.now();
		// Also when the clock was set back beyond the beginning: who works for longer is not there when its message is.
		const startedAt = this.#deadline - WORK_SECONDS * 1_000;
		if (now >= this.#deadline || now < startedAt) return { comeBackAt: now };
		const metered = flow.kind === "direct" ? drainingFlow(this.#ports.flowLimits) : flow;
		const share = this.#place.seats
			.map((seat) => (seat < metered.seats ? shareOf(metered.calls, metered.seats, seat) : 0))
			.reduce((sum, calls) => sum + calls);
		// The policy has fewer seats than before: those that are left do the work.
		return share === 0 ? { comeBackAt: now } : { queue, flow: metered, share };
	}

	/** Waits while this pump may not start any more; others may, if there are seats left. */
	async #wait(flow: MeteredFlow, milliseconds: number): Promise<undefined> {
		if (this.#place.countFree(flow.seats) > 0) await this.#callHelp(flow);
		return this.#pause(milliseconds);
	}

	/** Waits until a call ends or a message is done with, and no longer than this. */
	async #pause(milliseconds: number): Promise<undefined> {
		if (!this.#nudged) {
			this.#pausing = new AbortController();
			await this.#ports.timer.sleep(milliseconds, this.#pausing.signal);
		}
		this.#nudged = false;
	}

	#nudge(): void {
		this.#nudged = true;
		this.#pausing?.abort();
	}

	/** If there is more in line than this pump may call, others are called in for the free seats. If none comes it takes one. */
	async #callHelp(flow: MeteredFlow): Promise<void> {
		await this.#next(flow, 1);
		if (!this.#line.hasMore) return;
		const now = this.#ports.clock.now();
		if (this.#helpCalledAt === 0) {
			this.#helpCalledAt = now;
			const free = this.#place.countFree(flow.seats);
			await callPump(this.#ports, Array(free).fill(this.#queue), now);
		} else if (now - this.#helpCalledAt >= HELP_COMES_WITHIN_MS) await this.#place.takeAnother(flow.seats);
	}

	/** With a rate limit the claim comes first, so that a task that is not to be called does not use up a slot. */
	async #start(message: DeliveryMessage, queue: Queue, intervalMs: number | undefined): Promise<undefined> {
		this.#begun += 1;
		this.#line.take(message);
		this.#calls += 1;
		const claim = this.#claim(message);
		if (intervalMs !== undefined && (await claim.catch(() => undefined))) this.#caller.promise(intervalMs);
		const working = this.#finish(message, queue, claim, intervalMs).finally(() => {
			this.#working.delete(working);
			this.#nudge();
		});
		this.#working.add(working);
	}

	/** Before its message leaves the line, a task that cannot be claimed now has to have another one. */
	async #claim(message: DeliveryMessage): Promise<ClaimedAttempt | undefined> {
		const { done, task, leaseUntil } = await claimAttempt(this.#ports, message);
		if (done) return { task, leaseUntil };
		const needed = messageNeeded(task);
		if (needed?.attempt === message.attempt && needed.due_at === message.due_at)
			await this.#waitUntilDue(message);
		else if (needed) await dispatch(this.#ports, [needed]);
		return undefined;
	}

	/** Not due yet by our clock: it stays, as a copy could come round and join the line as the entry that we remove. */
	async #waitUntilDue({ task_id, due_at }: DeliveryMessage): Promise<never> {
		const { clock, timer } = this.#ports;
		await timer.sleep(Math.min(Math.max(due_at - clock.now(), 1), LOOK_AGAIN_MS));
		throw new CallWithheldError(`${task_id} is not due yet`);
	}

	/** Calls what was claimed and settles it. The place for another call is free as soon as the webhook has answered. */
	async #finish(
		message: DeliveryMessage,
		queue: Queue,
		claim: Promise<ClaimedAttempt | undefined>,
		intervalMs: number | undefined,
	): Promise<void> {
		let isCalling = true;
		let claimed: ClaimedAttempt | undefined;
		const free = (): void => {
			if (isCalling) this.#calls -= 1;
			isCalling = false;
			this.#nudge();
		};
		try {
			claimed = await claim;
			if (claimed) await this.#caller.call({ ...claimed, queue, parked: true }, intervalMs, free);
			await this.#line.remove(message);
		} catch (error) {
			await this.#fail(message, error, claimed?.leaseUntil);
		} finally {
			free();
		}
	}

	/** Through a fault of ours, or for want of permission to call, the message could not be worked on. */
	async #fail(message: DeliveryMessage, error: unknown, leaseUntil?: number): Promise<void> {
		if (error instanceof CallWithheldError) return this.#line.giveBack(message);
		if (error instanceof PlaceLostError) {
			this.#failure = error;
			return;
		}
		try {
			await settleFailedInLine(this.#ports, message, error, leaseUntil);
			await this.#line.remove(message);
		} catch (secondError) {
			this.#failure ??= secondError;
		}
	}
}
