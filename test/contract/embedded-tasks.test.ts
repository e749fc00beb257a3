import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { HeldLeases } from "../../lambda/adapters/embedded/held-leases.ts";
import { SqliteIdempotencyStore } from "../../lambda/adapters/embedded/sqlite-idempotency-store.ts";
import { SqliteJobStore } from "../../lambda/adapters/embedded/sqlite-job-store.ts";
import { SqliteTaskStore } from "../../lambda/adapters/embedded/sqlite-task-store.ts";
import { systemRandom } from "../../lambda/adapters/system.ts";
import { LEASE_SECONDS } from "../../lambda/core/delivery-limits.ts";
import type { Claim } from "../../lambda/ports.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { aJob } from "../support/jobs.ts";
import { allowSpoiling, spoilCommit } from "../support/spoiled-commit.ts";
import { claimOf, makeActive, resultOf } from "../support/task-transitions.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

let database: Database;

beforeEach(() => {
	database = Database.open(":memory:");
});
afterEach(() => database.close());

/** A store whose claims last by a clock that stands still. */
const storeWithSteadyClock = () =>
	new SqliteTaskStore(database, new VirtualClock(NOON), new HeldLeases(new VirtualClock(0)));

const count = (table: string): unknown =>
	database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.["count"];

describe("the embedded task store", () => {
	let store: SqliteTaskStore;

	beforeEach(() => {
		store = new SqliteTaskStore(database, new VirtualClock(NOON));
	});

	it("merges the tasks of many queues into pages", async () => {
		const teamId = uniqueTeam();
		const tasks = Array.from({ length: 300 }, (_, index) =>
			uniqueTask({ teamId, queue: `queue-${index % 37}` }),
		);
		for (const task of tasks) await store.put(task);
		const ids: string[] = [];
		for (let hasMore = true; hasMore; ) {
			const page = await store.list({ teamId, status: "pending", limit: 7, before: ids.at(-1) });
			ids.push(...page.tasks.map(({ id }) => id));
			hasMore = page.hasMore;
		}
		expect(ids).toEqual(tasks.map(({ id }) => id).toReversed());
	});

	it("walks through more unfinished tasks than fit on a page of the search for stalled ones", async () => {
		const stalled: string[] = [];
		for (let index = 0; index < 1_200; index += 1) {
			const task = uniqueTask({ dueAt: index % 100 === 0 ? NOON - 1 : NOON + 1 });
			if (task.dueAt < NOON) stalled.push(task.id);
			await store.put(task);
		}
		stalled.push((await makeActive(store, uniqueTask({ dueAt: NOON - 1_000_000 }))).id);
		const found: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await store.findStalled(NOON, cursor);
			found.push(...page.messages.map(({ task_id }) => task_id));
			cursor = page.nextCursor;
		} while (cursor !== undefined);
		expect(found.sort()).toEqual(stalled.sort());
	});

	it("walks through more jobs than fit on a page of the search for stalled ones", async () => {
		const jobs = new SqliteJobStore(database);
		const stalled: string[] = [];
		for (let index = 0; index < 1_200; index += 1) {
			const job = aJob({ updatedAt: index % 100 === 0 ? NOON - 1 : NOON + 1 });
			if (job.updatedAt < NOON) stalled.push(job.id);
			await jobs.create(job);
		}
		const found: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await store.findStalled(NOON, cursor);
			found.push(...page.jobs.map(({ jobId }) => jobId));
			cursor = page.nextCursor;
		} while (cursor !== undefined);
		expect(found.sort()).toEqual(stalled.sort());
	});

	it("leaves a claim with its holder when only the wall clock has passed its lease", async () => {
		const steady = new VirtualClock(0);
		const steadyStore = new SqliteTaskStore(database, new VirtualClock(NOON), new HeldLeases(steady));
		const task = await makeActive(steadyStore, uniqueTask());
		const leaseMs = LEASE_SECONDS * 1_000;
		const later = NOON + 3_600_000;
		steady.advanceBy(10_000);
		expect(await steadyStore.claim(claimOf(task, { now: later }))).toMatchObject({
			done: false,
			task: { status: "active", leaseUntil: later + leaseMs - 10_000 },
		});
		steady.advanceBy(leaseMs);
		expect(await steadyStore.claim(claimOf(task, { now: later }))).toMatchObject({ done: true });
	});

	it("gives the next attempt to whoever comes when a result was recorded, or a claim was lost", async () => {
		const steadyStore = storeWithSteadyClock();
		const active = await makeActive(steadyStore, uniqueTask());
		await steadyStore.recordAttempt(resultOf(active, { status: "pending", dueAt: NOON }));
		const next = claimOf(active, { attempt: 2, now: NOON });
		await database.committed();
		allowSpoiling(database);
		const lost = steadyStore.claim(next);
		spoilCommit(database);
		await expect(lost).rejects.toThrow("FOREIGN KEY");
		expect(await steadyStore.claim(next)).toMatchObject({ done: true, task: { attempt: 2 } });
	});

	it("lets the lease decide alone when the call is over and its result was lost", async () => {
		const steadyStore = storeWithSteadyClock();
		const active = await makeActive(steadyStore, uniqueTask());
		allowSpoiling(database);
		await steadyStore.recordAttempt(resultOf(active, { status: "pending", dueAt: NOON }));
		spoilCommit(database);
		await expect(database.committed()).rejects.toThrow("FOREIGN KEY");
		const [before, after] = [-1, 0].map((ms) => claimOf(active, { now: (active.leaseUntil ?? 0) + ms }));
		expect(await steadyStore.claim(before as Claim)).toMatchObject({ done: false });
		expect(await steadyStore.claim(after as Claim)).toMatchObject({ done: true });
	});

	it("keeps nothing of a task whose payload it could not store", async () => {
		const task = uniqueTask({ payload: JSON.stringify({ blob: "x".repeat(10_000) }) });
		database
			.prepare("CREATE TRIGGER full BEFORE INSERT ON payloads BEGIN SELECT raise(ABORT, 'full'); END")
			.run();
		await expect(store.put(task)).rejects.toThrow("full");
		await database.committed();
		expect(count("tasks")).toBe(0);
	});

	it("leaves no payload behind when a task is removed", async () => {
		const task = uniqueTask({ payload: JSON.stringify({ blob: "x".repeat(10_000) }) });
		await store.put(task);
		expect(count("payloads")).toBe(1);
		await store.remove({ teamId: task.teamId, taskId: task.id });
		expect(count("payloads")).toBe(0);
	});
});

describe("the embedded idempotency store", () => {
	it("deletes expired records little by little, when others are reserved", async () => {
		const store = new SqliteIdempotencyStore(database);
		const reserve = (key: string, now: number) =>
			store.reserve(
				{
					teamId: "team",
					key,
					fingerprint: "f",
					taskId: key,
					createdAt: now,
					maxRetries: 3,
					expiresAt: now + 100,
				},
				now,
			);
		for (let index = 0; index < 20; index += 1) await reserve(`old ${index}`, NOON);
		expect(count("idempotency_records")).toBe(20);
		// Expired, though not deleted yet: it must not stand in the way.
		expect(await reserve("old 19", NOON + 100)).toMatchObject({ createdAt: NOON + 100 });
		for (let index = 0; index < 5; index += 1) await reserve(`new ${index}`, NOON + 100);
		expect(count("idempotency_records")).toBe(6);
	});
});

describe("the system's random numbers", () => {
	it("give ULIDs that grow, even within a millisecond and when the clock is set back", () => {
		const instants = [NOON, NOON, NOON, NOON + 5, NOON - 60_000, NOON + 5, NOON + 6];
		const ulids = instants.map((now) => systemRandom.ulid(now));
		expect(ulids).toEqual(ulids.toSorted());
		expect(new Set(ulids).size).toBe(ulids.length);
		for (const ulid of ulids) expect(ulid).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
	});

	it("give as many bytes as asked for, different ones each time", () => {
		expect(systemRandom.bytes(24)).toHaveLength(24);
		expect(systemRandom.bytes(24)).not.toEqual(systemRandom.bytes(24));
	});
});
