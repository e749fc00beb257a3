import type { AddressPolicy } from "./core/address-policy.ts";
import type { DeliveryMessage } from "./core/delivery-message.ts";
import type { CallResult } from "./core/delivery-outcome.ts";
import type { FlowLimits } from "./core/flow-control.ts";
import type { IdempotencyRecord } from "./core/idempotency.ts";
import type { Job, JobKey } from "./core/job.ts";
import type { PumpSheet } from "./core/pump-sheet.ts";
import type { Queue, QueueKey, QueueNotes } from "./core/queue.ts";
import type { QueueCounts } from "./core/queue-counts.ts";
import type { Attempt, Task, TaskKey, TaskStatus } from "./core/task.ts";
import type { TaskPage, TaskQuery } from "./core/task-page.ts";
import type { WorkMessage } from "./core/work-message.ts";
import type { KeyStore } from "./key-store.ts";
import type { RequestBudget } from "./request-budget.ts";

/** A claim of attempt `attempt` at `now`, honoured until `leaseUntil` (epoch ms). */
export type Claim = TaskKey & Readonly<{ attempt: number; now: number; leaseUntil: number }>;

/** A claim that is given back. `leaseUntil` (epoch ms) identifies it. */
export type Release = TaskKey & Readonly<{ attempt: number; leaseUntil: number }>;

/** A conditional write either took effect (`task` is the new state) or met another state (`task` as it is, if any). */
export type Transition = Readonly<{ done: true; task: Task } | { done: false; task: Task | undefined }>;

/** When a task finished and until when it is kept. Epoch ms. */
export type Finish = Readonly<{ completedAt: number; expiresAt: number }>;

/** The end of an attempt: the record to append and the state that follows. Epoch ms. */
export type AttemptResult = TaskKey &
	Readonly<{
		attempt: Attempt;
		/** Identifies the claim under which the attempt was made. */
		leaseUntil: number;
		next: { status: "pending"; dueAt: number } | ({ status: "completed" | "failed" } & Finish);
	}>;

/** `nextCursor` is absent on the last page; a page may be empty before that. */
export type WalkPage = Readonly<{ tasks: readonly Task[]; nextCursor?: string | undefined }>;

/** The same of messages for tasks, and of jobs. */
export type StalledPage = Readonly<{
	messages: readonly DeliveryMessage[];
	jobs: readonly JobKey[];
	nextCursor?: string | undefined;
}>;

/** Tasks at rest. Every method is one conditional write or one read of one item, list excepted. */
export interface TaskStore {
	/** Writes a new task unless its id is taken. */
	put(task: Task): Promise<"created" | "exists">;
	get(key: TaskKey): Promise<Task | undefined>;
	/** Newest first; its cost does not grow with the number of tasks, except for rare statuses in long histories. */
	list(query: TaskQuery): Promise<TaskPage>;
	/** Makes a due task `active`, if `attempt` is its next one, or takes over the same attempt after its lease ran out. */
	claim(claim: Claim): Promise<Transition>;
	/**
	 * Gives a claim back before its call was made: `active` → `pending`, the same attempt and due instant; only if the
	 * claim still stands.
	 */
	release(release: Release): Promise<Transition>;
	/** Appends the attempt and moves on, if the claim still stands. */
	recordAttempt(result: AttemptResult): Promise<Transition>;
	/** `pending` → `cancelled`. */
	cancel(key: TaskKey, finish: Finish): Promise<Transition>;
	/** `failed` → `pending`, due at `dueAt`, with a fresh set of retries; only if it failed before `failedBefore`. */
	reopen(key: TaskKey, dueAt: number, failedBefore?: number): Promise<Transition>;
	/** Takes back a reopen whose message could not be sent: `pending` → `failed`. */
	close(key: TaskKey, attempt: number, finish: Finish): Promise<Transition>;
	/** Deletes a finished task for good; false when it is unfinished or gone. */
	erase(key: TaskKey): Promise<boolean>;
	/** Takes back a task that was never attempted. */
	remove(key: TaskKey): Promise<void>;
	/**
	 * One page of a walk over every team's tasks that should have moved before `before` (epoch ms) and have not:
	 * pending and due, or active with a lease that ran out. Gives the message that each of them needs. On its way it
	 * finds the running jobs that were last updated before `before` too. Expensive by design: for reconciliation only.
	 */
	findStalled(before: number, cursor?: string): Promise<StalledPage>;
	/** One page of a walk over a queue's tasks of one status, in no particular order; looks at 100 tasks at most. */
	walk(queue: QueueKey, status: TaskStatus, cursor?: string): Promise<WalkPage>;
	/** Counts the tasks of a queue; large queues only up to a budget. */
	count(queue: QueueKey): Promise<QueueCounts>;
}

/** Remembers creates that carried an `Idempotency-Key`. */
export interface IdempotencyStore {
	/** Stores the record unless a live one (at `now`) has its team and key; returns the one that stands. */
	reserve(record: IdempotencyRecord, now: number): Promise<IdempotencyRecord>;
}

/** Queues and what has been noticed about them. Reads may be some seconds old unless they say otherwise. */
export interface QueueStore {
	get(teamId: string, name: string): Promise<Queue | undefined>;
	/** Sees every write that was finished before. */
	getFresh(teamId: string, name: string): Promise<Queue | undefined>;
	/** All queues of a team, by name. */
	list(teamId: string): Promise<readonly Queue[]>;
	/** Stores the queue unless one of its name exists; returns the one that stands. */
	create(queue: Queue): Promise<Queue>;
	/** Stores the queue, replacing settings but keeping `createdAt`, notes and hold; returns what is stored. */
	put(queue: Queue): Promise<Queue>;
	/** Replaces the settings if they still are those of `ifUpdatedAt`; undefined when they are not. */
	replace(queue: Queue, ifUpdatedAt: number): Promise<Queue | undefined>;
	/** Adds notes to the ones there are. Not an error when there is no such queue. */
	note(queue: QueueKey, notes: QueueNotes): Promise<void>;
	/** Holds the queue until `until` (epoch ms), or for as long as it is held already; returns what is stored, if any. */
	hold(queue: QueueKey, until: number): Promise<Queue | undefined>;
	/** Lets a held queue go on. Not an error when there is no such queue. */
	endHold(queue: QueueKey): Promise<void>;
	/** Forgets the queue: its tasks stay, and a new task of that name creates it anew. */
	remove(queue: QueueKey): Promise<void>;
	/** Resolves when every process follows the settings that were written before. */
	inForce(): Promise<void>;
}

/** Messages of one queue that wait for their turn, because the queue is paused or limited. */
export interface WaitingLine {
	/** Messages worth reading at a time: 1 where a read costs next to nothing. */
	readonly pageSize: number;
	/** A message that is in the line already (same rank, task and attempt) stays once. */
	add(messages: readonly DeliveryMessage[]): Promise<void>;
	/** The messages of the lowest `waitingRank` in these shards, in its order, at most `limit`. */
	first(queue: QueueKey, shards: readonly number[], limit: number): Promise<readonly DeliveryMessage[]>;
	/** Not an error when they are gone. */
	remove(messages: readonly DeliveryMessage[]): Promise<void>;
}

/** Who works off each queue's waiting line. */
export interface PumpSheetStore {
	/** Sees every write that was finished before. The empty sheet when there is none. */
	read(queue: QueueKey): Promise<PumpSheet>;
	/** Stores the sheet with the next version if `sheet.version` is the stored one's. */
	write(queue: QueueKey, sheet: PumpSheet): Promise<boolean>;
}

/** Bulk jobs. A finished one is kept for a week. */
export interface JobStore {
	create(job: Job): Promise<void>;
	/** Sees every write that was finished before. */
	get(key: JobKey): Promise<Job | undefined>;
	/** Stores the job with the next version if `job.version` is the stored one's. */
	replace(job: Job): Promise<boolean>;
}

/** Encrypts secrets at rest. A ciphertext opens only for the team it was made for. */
export interface KeyCipher {
	/** Text in the form of `parseVersioned`, under the newest data key. */
	encrypt(teamId: string, plaintext: string): Promise<string>;
	/** Throws `UnreadableSecretError` for what will never open, other errors when it may open later. */
	decrypt(teamId: string, ciphertext: string): Promise<string>;
}

/** Hands messages to the delivery handler when they are due, at least once, at most 15 minutes from now. */
export interface DeliveryQueue {
	send(messages: readonly DeliveryMessage[]): Promise<void>;
}

/** Hands messages about whole queues to the work handler when they are due, at least once, at most 15 minutes from now. */
export interface WorkQueue {
	/** Precision of its delays in milliseconds: a message may come that much later than it is due. */
	readonly precisionMs: number;
	send(messages: readonly WorkMessage[]): Promise<void>;
}

/** Holds messages that are due later than the delivery queue can wait, and sends them there at `fireAt` (epoch ms). */
export interface TaskScheduler {
	schedule(message: DeliveryMessage, fireAt: number): Promise<void>;
	/** Forgets a schedule; not an error when there is none. */
	unschedule(message: DeliveryMessage): Promise<void>;
}

export type WebhookCall = Readonly<{
	url: string;
	headers: Readonly<Record<string, string>>;
	body: string;
	timeoutMs: number;
}>;

/** POSTs to webhooks. Never throws for what the other side does, follows no redirect, reads a bounded answer. */
export interface WebhookClient {
	call(call: WebhookCall): Promise<CallResult>;
}

/** Epoch milliseconds. */
export interface Clock {
	now(): number;
}

export interface Timer {
	/** Resolves `milliseconds` later, or when `signal` is aborted; after 0, when others have had a turn. Never rejects. */
	sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
	bytes(length: number): Uint8Array;
	/** A ULID for `now` (epoch ms), greater than every one given out before by this process. */
	ulid(now: number): string;
}

/** Structured log: one event name, flat fields. Never secrets, signatures or payloads. */
export interface Log {
	debug(event: string, fields: Readonly<Record<string, unknown>>): void;
	info(event: string, fields: Readonly<Record<string, unknown>>): void;
	warn(event: string, fields: Readonly<Record<string, unknown>>): void;
	error(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Everything that use cases need from a world. */
export type Ports = Readonly<{
	tasks: TaskStore;
	idempotency: IdempotencyStore;
	queues: QueueStore;
	keys: KeyStore;
	cipher: KeyCipher;
	line: WaitingLine;
	pumpSheets: PumpSheetStore;
	jobs: JobStore;
	deliveryQueue: DeliveryQueue;
	workQueue: WorkQueue;
	scheduler: TaskScheduler;
	webhooks: WebhookClient;
	clock: Clock;
	/**
	 * The time as webhooks have it, where `clock` was moved ahead of that: signatures carry it, as receivers refuse what
	 * is minutes off, and dates in their answers are told by it.
	 */
	receiverClock?: Clock | undefined;
	timer: Timer;
	random: Random;
	log: Log;
	/** Where webhooks may be: judged at creation, and by the client at each attempt. */
	addressPolicy: AddressPolicy;
	/** What this world adds to the limits of its queues. */
	flowLimits: FlowLimits;
	/** Absent where the API's requests are not limited. */
	requestBudget?: RequestBudget | undefined;
}>;
