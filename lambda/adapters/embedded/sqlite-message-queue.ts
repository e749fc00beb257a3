import { MAX_RECEIVES } from "../../core/delivery-limits.ts";
import type { Clock } from "../../ports.ts";
import type { Database } from "./database.ts";
import type { HeldLeases } from "./held-leases.ts";
import { handedOutAfter, messageIdAfter } from "./message-id.ts";
import {
	type MessageStatements,
	type MessageTable,
	messageStatements,
	type PromotedRow,
	type ReadyRow,
} from "./message-statements.ts";
import { ReadyQueues, type Room } from "./ready-queues.ts";

/** A message handed out for a while. Instants are epoch ms. */
export type ReceivedMessage = Readonly<{
	messageId: string;
	teamId: string;
	queue: string;
	body: string;
	receiveCount: number;
	sentAt: number;
	firstReceivedAt: number;
}>;

/** A message that was received too often and was put aside. Instants are epoch ms. */
export type DeadMessage = Omit<ReceivedMessage, "teamId" | "queue"> & Readonly<{ diedAt: number }>;

type DeadRow = Omit<DeadMessage, "messageId"> & Readonly<{ id: number }>;

/** Where a message waits: the lowest rank of its queue is first, `priority` is the weight of the queue meanwhile. */
export type Place = Readonly<{
	teamId: string;
	queue: string;
	rank: number;
	priority: number;
	/** Epoch ms. */
	visibleAt: number;
}>;

type QueueOptions = Readonly<{
	database: Database;
	clock: Clock;
	table: MessageTable;
	/** How long a received message stays hidden. */
	visibilitySeconds: number;
	/** With it, received messages stay hidden by its steady clock as well as by the wall clock. */
	held?: HeldLeases | undefined;
}>;

/** A message, by its id in the table and more. */
type Row = readonly [id: number, ...unknown[]];

const isWorn = ([, , , , receiveCount]: ReadyRow): boolean => receiveCount >= MAX_RECEIVES;

const UNLIMITED: Room = () => Number.POSITIVE_INFINITY;

/**
 * Messages in SQLite, with the rules of SQS, the precision of a millisecond, and fair turns between queues. Which
 * queues have messages ready, and when the next hidden one becomes visible, is remembered: it is asked after every
 * commit, and asking the database takes longer than everything else that handling a message does.
 */
export class SqliteMessageQueue {
	readonly #database: Database;
	readonly #clock: Clock;
	readonly #visibilityMs: number;
	readonly #statements: MessageStatements;
	readonly #held: HeldLeases | undefined;
	readonly #ready = new ReadyQueues();
	/** Null when no message is hidden, undefined when not known. */
	#nextVisibleAt: number | null | undefined;
	/** The rollbacks of the database up to which the above is right. */
	#rollbacks: number | undefined;
	#lastId: number;

	constructor({ database, clock, table, visibilitySeconds, held }: QueueOptions) {
		this.#database = database;
		this.#clock = clock;
		this.#visibilityMs = visibilitySeconds * 1_000;
		this.#statements = messageStatements(database, table);
		this.#held = held;
		const [lastId] = this.#statements.lastId.get() as unknown as [number];
		this.#lastId = lastId;
	}

	/** Writes a message as part of a write of `Database` that is under way. The body need not be a message. */
	enqueueBody(body: string, { teamId, queue, rank, priority, visibleAt }: Place): void {
		this.#remember();
		const now = this.#clock.now();
		const ready = visibleAt <= now;
		// Ids are never used again, as SQLite would: a late delete could hit the wrong message.
		this.#lastId += 1;
		const { insert } = this.#statements;
		insert.run(this.#lastId, teamId, queue, rank, priority, ready ? 1 : 0, visibleAt, body, now);
		if (ready) this.#ready.add(teamId, queue);
		else this.#hidden(visibleAt);
	}

	/**
	 * Hands out up to `limit` visible messages of one queue, the one whose turn it is: the lowest rank first, then in
	 * order of sending. They stay hidden for a while; those received MAX_RECEIVES times are put aside instead. `room`
	 * says how many messages a queue may be given; one without room is passed over.
	 */
	receive(now: number, limit: number, room: Room = UNLIMITED): ReceivedMessage[] {
		this.#remember();
		if ((this.nextVisibleAt() ?? Number.POSITIVE_INFINITY) <= now) this.#promote(now);
		for (;;) {
			const turn = this.#ready.next(room);
			if (!turn) return [];
			const { teamId, queue } = turn;
			const wanted = Math.min(limit, room(teamId, queue));
			const rows = this.#statements.ready.all(teamId, queue, wanted) as unknown as ReadyRow[];
			const received = this.#take(rows, teamId, queue, now);
			this.#ready.charge(
				turn,
				rows.map(([, priority]) => priority),
			);
			if (rows.length < wanted) this.#ready.remove(turn);
			if (received.length > 0) return received;
		}
	}

	/**
	 * Deletes messages that have been dealt with. Those received before the last rollback are left alone, because
	 * what their handler wrote may be gone with it: they become visible again.
	 */
	delete(messageIds: readonly string[]): void {
		if (messageIds.length === 0) return;
		const messages = handedOutAfter(this.#database.rollbacks, messageIds);
		this.#database.lazy(() => {
			for (const [id] of messages) this.#statements.delete.run(id);
		});
		this.#nextVisibleAt = undefined;
		this.#whenWritten(messages, (held, id) => held.release(id));
	}

	/** When the next message becomes visible that is not, or has not been noticed to be. */
	nextVisibleAt(): number | undefined {
		this.#remember();
		if (this.#nextVisibleAt === undefined)
			[this.#nextVisibleAt] = this.#statements.nextVisibleAt.get() as unknown as [number | null];
		return this.#nextVisibleAt ?? undefined;
	}

	/** Messages that were received too often, oldest first. */
	deadMessages(): DeadMessage[] {
		const rows = this.#statements.dead.all() as unknown as DeadRow[];
		return rows.map(({ id, ...message }) => ({
			...message,
			messageId: messageIdAfter(this.#database.rollbacks, id),
		}));
	}

	/** Deletes dead messages that have been dealt with after all; as with `delete`, none shown before the last rollback. */
	deleteDead(messageIds: readonly string[]): void {
		const messages = handedOutAfter(this.#database.rollbacks, messageIds);
		this.#database.lazy(() => {
			for (const [id] of messages) this.#statements.deleteDead.run(id);
		});
	}

	/** Makes every hidden message that was received visible at `now`: at start, when whoever received it is dead. */
	releaseLeases(now: number): void {
		this.#database.lazy(() => this.#statements.release.run(now, now));
		this.#nextVisibleAt = undefined;
	}

	/**
	 * What is remembered is read again at start, and when a transaction was lost. A queue that has nothing ready any
	 * more is noticed on its next turn.
	 */
	#remember(): void {
		if (this.#rollbacks === this.#database.rollbacks) return;
		this.#rollbacks = this.#database.rollbacks;
		this.#nextVisibleAt = undefined;
		let place: readonly [string, string] | undefined = ["", ""];
		for (;;) {
			place = this.#statements.nextReadyQueue.get(...place) as unknown as typeof place;
			if (!place) return;
			this.#ready.add(...place);
		}
	}

	#hidden(visibleAt: number): void {
		if (this.#nextVisibleAt === undefined) return;
		this.#nextVisibleAt = Math.min(this.#nextVisibleAt ?? visibleAt, visibleAt);
	}

	#promote(now: number): void {
		this.#database.lazy(() => {
			const promoted = this.#statements.promote.all(now) as unknown as PromotedRow[];
			for (const [id, teamId, queue] of promoted) {
				const heldMs = this.#held?.remainingMs(String(id)) ?? 0;
				if (heldMs > 0) this.#statements.hideAgain.run(now + heldMs, id);
				else this.#ready.add(teamId, queue);
			}
		});
		this.#nextVisibleAt = undefined;
	}

	#take(rows: readonly ReadyRow[], teamId: string, queue: string, now: number): ReceivedMessage[] {
		if (rows.length === 0) return [];
		const [worn, good] = [rows.filter(isWorn), rows.filter((row) => !isWorn(row))];
		const received = this.#database.lazy(() => {
			for (const [id] of worn) this.#bury(id, now);
			return good.map((row) => this.#lease(row, teamId, queue, now));
		});
		this.#whenWritten(worn, (held, id) => held.release(id));
		this.#whenWritten(good, (held, id) => held.hold(id, this.#visibilityMs));
		return received;
	}

	#lease(
		[id, , body, sentAt, receiveCount, firstReceivedAt]: ReadyRow,
		teamId: string,
		queue: string,
		now: number,
	): ReceivedMessage {
		const visibleAt = now + this.#visibilityMs;
		this.#statements.lease.run(visibleAt, now, id);
		this.#hidden(visibleAt);
		return {
			messageId: messageIdAfter(this.#database.rollbacks, id),
			teamId,
			queue,
			body,
			receiveCount: receiveCount + 1,
			sentAt,
			firstReceivedAt: firstReceivedAt ?? now,
		};
	}

	/** What is taken back with its transaction changes nothing of what is held. */
	#whenWritten(messages: readonly Row[], change: (held: HeldLeases, id: string) => void): void {
		const held = this.#held;
		if (!held || messages.length === 0) return;
		const changeAll = () => {
			for (const [id] of messages) change(held, String(id));
		};
		this.#database.written().then(changeAll, () => undefined);
	}

	#bury(id: number, now: number): void {
		this.#database.allOrNothing(() => {
			this.#statements.bury.run(now, id);
			this.#statements.delete.run(id);
		});
	}
}
