import { verifyWebhook } from "../../receiver/verify-webhook.ts";
import type { Book } from "./book.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Plan, PlannedQueue } from "./plan.ts";
import type { Violation } from "./violation.ts";
import type { ReceivedCall } from "./webhook-network.ts";

/** How much more than its interval a call may be early: pumps forgive a timer that fires late (core/call-pace.ts). */
const PACE_TOLERANCE = 1;

const DAY_MS = 86_400_000;

type Options = Readonly<{
	plan: Plan;
	book: Book;
	chronicle: Chronicle;
	now: () => number;
	/** When the run began. Epoch ms. */
	startAt: number;
	report: (violation: Violation) => void;
}>;

/** Checks every call to a webhook, at the moment when it arrives, against what was promised. */
export class CallMonitor {
	readonly #options: Options;
	readonly #callsOf = new Map<string, ReceivedCall[]>();
	readonly #queues: ReadonlyMap<string, PlannedQueue>;

	constructor(options: Options) {
		this.#options = options;
		this.#queues = new Map(options.plan.queues.map((queue) => [queue.name, queue]));
	}

	/** All calls for a task, in the order of their arrival. */
	callsFor(taskId: string): readonly ReceivedCall[] {
		return this.#callsOf.get(taskId) ?? [];
	}

	get count(): number {
		return [...this.#callsOf.values()].reduce((sum, calls) => sum + calls.length, 0);
	}

	receive(call: ReceivedCall): void {
		this.#checkDue(call);
		this.#checkClaim(call);
		this.#checkCancelled(call);
		this.#checkPaused(call);
		this.#checkSignature(call);
		this.#append(this.#callsOf, call.taskId, call);
		this.#append(this.#callsIn, call.queue, call);
		this.#checkConcurrency(call);
		this.#checkRate(call);
	}

	/** Calls to a queue's webhooks. */
	readonly #callsIn = new Map<string, ReceivedCall[]>();

	#append(map: Map<string, ReceivedCall[]>, key: string, call: ReceivedCall): void {
		const calls = map.get(key);
		if (calls) calls.push(call);
		else map.set(key, [call]);
	}

	#violated(invariant: string, { taskId, queue, process }: ReceivedCall, what: string): void {
		this.#options.report({ invariant, what: `${taskId}: ${what}`, ids: [taskId, queue, process] });
	}

	/** Never early. A process goes by its own clock. */
	#checkDue(call: ReceivedCall): void {
		const dueAt = this.#options.chronicle.dueAt(call.taskId, call.attempt);
		const tolerance = this.#options.plan.shape.maxClockOffsetMs + 1;
		if (dueAt === undefined) this.#violated("never early", call, `attempt ${call.attempt} does not exist`);
		else if (call.startedAt < dueAt - tolerance)
			this.#violated("never early", call, `attempt ${call.attempt} is ${dueAt - call.startedAt} ms early`);
	}

	/** One claim, one call; and a second claim only when the lease of the first was over. */
	#checkClaim(call: ReceivedCall): void {
		const { chronicle, plan } = this.#options;
		const claims = chronicle.claims(call.taskId, call.attempt);
		const goneAt = chronicle.goneAt(call.taskId) ?? 0;
		const same = this.callsFor(call.taskId).filter(
			({ attempt, startedAt }) => attempt === call.attempt && startedAt > goneAt,
		);
		const made = same.length + 1;
		if (made > claims.length)
			this.#violated("one claim, one call", call, `${made} calls of attempt ${call.attempt}`);
		const [before, last] = claims.slice(-2);
		if (before && last && last.now < before.leaseUntil)
			this.#violated("one claim, one call", call, `attempt ${call.attempt} was claimed twice`);
		if (same.some(({ endsAt }) => endsAt > call.startedAt + 2 * plan.shape.maxClockOffsetMs))
			this.#violated("one claim, one call", call, `attempt ${call.attempt} is made twice at a time`);
	}

	#checkCancelled(call: ReceivedCall): void {
		const { chronicle, book } = this.#options;
		const cancelledAt = book.cancelledAt(call.taskId) ?? chronicle.cancelledAt(call.taskId);
		const goneAt = chronicle.goneAt(call.taskId) ?? 0;
		if (cancelledAt !== undefined && call.startedAt > cancelledAt && cancelledAt > goneAt)
			this.#violated("never after cancel", call, `called ${call.startedAt - cancelledAt} ms after it`);
	}

	#checkPaused(call: ReceivedCall): void {
		const queue = this.#queues.get(call.queue);
		const key = `${queue?.team}/${call.queue}`;
		const pause = this.#options.book.pauses.find(
			(other) => other.queue === key && call.startedAt > other.from && call.startedAt < other.until,
		);
		if (pause) this.#violated("never while paused", call, "called while its queue was paused");
	}

	/** Secrets that no client was told of come with rotations whose answer was lost; the others co-sign for a day. */
	#checkSignature(call: ReceivedCall): void {
		const { book, now, startAt } = this.#options;
		const team = this.#queues.get(call.queue)?.team ?? "";
		if (now() > startAt + DAY_MS / 2) return;
		try {
			verifyWebhook(call.body, call.headers, [...book.secretsOf(team)], { now: call.startedAt });
		} catch (error) {
			this.#violated("signed", call, `${error}`);
		}
	}

	#checkConcurrency(call: ReceivedCall): void {
		const limit = this.#queues.get(call.queue)?.settings.concurrency;
		if (!limit) return;
		const now = this.#options.now();
		const inFlight = (this.#callsIn.get(call.queue) ?? []).filter(({ endsAt }) => endsAt > now).length;
		if (inFlight > limit) this.#violated("concurrency", call, `${inFlight} calls in flight, not ${limit}`);
	}

	#checkRate(call: ReceivedCall): void {
		const rate = this.#queues.get(call.queue)?.settings.rate_limit;
		if (!rate) return;
		const windowMs = rate.per_seconds * 1_000;
		const starts = (this.#callsIn.get(call.queue) ?? []).map(({ startedAt }) => startedAt);
		const within = starts.filter((at) => at > call.startedAt - windowMs && at <= call.startedAt).length;
		if (within > rate.limit + PACE_TOLERANCE)
			this.#violated("rate", call, `${within} calls within ${rate.per_seconds} s, not ${rate.limit}`);
	}
}
