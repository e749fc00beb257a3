import type { ApiKey, ApiKeySecret } from "./core/api-key.ts";
import type { DeliveryMessage } from "./core/delivery-message.ts";
import type { CallResult } from "./core/delivery-outcome.ts";
import type { IdempotencyRecord } from "./core/idempotency.ts";
import type { Queue } from "./core/queue.ts";
import type { Attempt, Task, TaskKey } from "./core/task.ts";
import type { TaskPage, TaskQuery } from "./core/task-page.ts";

/** A claim of attempt `attempt` at `now`, honoured until `leaseUntil` (epoch ms). */
export type Claim = TaskKey & Readonly<{ attempt: number; now: number; leaseUntil: number }>;

/** A conditional write either took effect (`task` is the new state) or met another state (`task` as it is, if any). */
export type Transition = Readonly<{ done: true; task: Task } | { done: false; task: Task | undefined }>;

/** The end of an attempt: the record to append and the state that follows. Epoch ms. */
export type AttemptResult = TaskKey &
	Readonly<{
		attempt: Attempt;
		/** Identifies the claim under which the attempt was made. */
		leaseUntil: number;
		next: { status: "pending"; dueAt: number } | { status: "completed" | "failed"; completedAt: number };
	}>;

/** `nextCursor` is absent on the last page; a page may be empty before that. */
export type StalledPage = Readonly<{ tasks: readonly Task[]; nextCursor?: string | undefined }>;

/** Tasks at rest. Every method is one conditional write or one read of one item, list excepted. */
export interface TaskStore {
	/** Writes a new task unless its id is taken. */
	put(task: Task): Promise<"created" | "exists">;
	get(key: TaskKey): Promise<Task | undefined>;
	/** Newest first; its cost does not grow with the number of tasks, except for rare statuses in long histories. */
	list(query: TaskQuery): Promise<TaskPage>;
	/** Makes a due task `active`, if `attempt` is its next one, or takes over the same attempt after its lease ran out. */
	claim(claim: Claim): Promise<Transition>;
	/** Appends the attempt and moves on, if the claim still stands. */
	recordAttempt(result: AttemptResult): Promise<Transition>;
	/** `pending` → `cancelled`. */
	cancel(key: TaskKey, at: number): Promise<Transition>;
	/** `failed` → `pending`, due at `dueAt`, with a fresh set of retries. */
	reopen(key: TaskKey, dueAt: number): Promise<Transition>;
	/** Takes back a reopen whose message could not be sent: `pending` → `failed` at `completedAt`. */
	close(key: TaskKey, attempt: number, completedAt: number): Promise<Transition>;
	/** Takes back a task that was never attempted. */
	remove(key: TaskKey): Promise<void>;
	/**
	 * One page of a walk over every team's tasks that should have moved before `before` (epoch ms) and have not:
	 * pending and due, or active with a lease that ran out. Expensive by design: for reconciliation only.
	 */
	findStalled(before: number, cursor?: string): Promise<StalledPage>;
}

/** Remembers creates that carried an `Idempotency-Key`. */
export interface IdempotencyStore {
	/** Stores the record unless a live one (at `now`) has its team and key; returns the one that stands. */
	reserve(record: IdempotencyRecord, now: number): Promise<IdempotencyRecord>;
}

export interface QueueStore {
	get(teamId: string, name: string): Promise<Queue | undefined>;
	/** Stores the queue unless one of its name exists; returns the one that stands. */
	create(queue: Queue): Promise<Queue>;
	/** Stores the queue, replacing settings but keeping the first `createdAt`; returns what is stored. */
	put(queue: Queue): Promise<Queue>;
}

export interface KeyStore {
	put(key: ApiKey): Promise<void>;
	get(teamId: string, keyId: string): Promise<ApiKey | undefined>;
	/** Finds the key that has a secret with this SHA-256 (hex), whatever its state. */
	findByHash(hash: string): Promise<ApiKey | undefined>;
	/** All keys of a team, oldest first, revoked ones included. */
	list(teamId: string): Promise<readonly ApiKey[]>;
	/** Marks the key revoked (once: the first instant stays). */
	revoke(teamId: string, keyId: string, at: number): Promise<ApiKey | undefined>;
	/** Puts `secret` first and lets the ones before it expire at `overlapUntil` at the latest. Revoked keys stay as they are. */
	rotate(
		teamId: string,
		keyId: string,
		secret: ApiKeySecret,
		overlapUntil: number,
	): Promise<ApiKey | undefined>;
	/** Notes when the key was last used; lossy by design. */
	touch(teamId: string, keyId: string, at: number): Promise<void>;
}

/** Encrypts secrets at rest. A ciphertext opens only for the team it was made for. */
export interface KeyCipher {
	encrypt(teamId: string, plaintext: string): Promise<string>;
	decrypt(teamId: string, ciphertext: string): Promise<string>;
}

/** Hands messages to the delivery handler when they are due, at least once, at most 15 minutes from now. */
export interface DeliveryQueue {
	send(messages: readonly DeliveryMessage[]): Promise<void>;
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
	deliveryQueue: DeliveryQueue;
	scheduler: TaskScheduler;
	webhooks: WebhookClient;
	clock: Clock;
	random: Random;
	log: Log;
	/** Whether webhooks may use http and private addresses. */
	allowPrivateWebhooks: boolean;
}>;
