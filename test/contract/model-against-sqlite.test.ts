import fc from "fast-check";
import { describe, it } from "vitest";
import { EMPTY_SHEET } from "../../lambda/core/pump-sheet.ts";
import { defaultQueueSettings, type Queue } from "../../lambda/core/queue.ts";
import { TaskStatus } from "../../lambda/core/task.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { failedAttempt } from "../support/task-transitions.ts";
import { uniqueApiKey, uniqueSecret } from "../support/unique-api-keys.ts";
import { NOON, uniqueTask } from "../support/unique-tasks.ts";
import { expectSameAnswers, step } from "./same-answers.ts";

/** Few, so that they meet. */
const anInstant = fc.integer({ min: NOON, max: NOON + 4 });
const aCount = fc.integer({ min: 0, max: 3 });
const aTeam = fc.constantFrom("acme", "acme", "acme", "other");
const aName = fc.constantFrom("emails", "reports");
const aQueueKey = fc.record({ teamId: aTeam, name: aName });
const aFinish = anInstant.map((completedAt) => ({ completedAt, expiresAt: completedAt + 10 }));

type Page<Found> = Readonly<{ found: readonly Found[]; nextCursor?: string | undefined }>;

/** All pages of a walk, by id: a walk has no order. */
const walkAll = async <Found>(
	read: (cursor?: string) => Promise<Page<Found>>,
	idOf: (found: Found) => string,
) => {
	const seen: Found[] = [];
	let cursor: string | undefined;
	do {
		const { found, nextCursor } = await read(cursor);
		seen.push(...found);
		cursor = nextCursor;
	} while (cursor !== undefined);
	return seen.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
};

describe("the model and SQLite", () => {
	it("give the same answers about tasks", async () => {
		const known = ["emails", "reports"].map((queue) => uniqueTask({ queue }));
		const aTask = fc.constantFrom(...known);
		const aKey = fc.record({ teamId: aTeam, taskId: aTask.map(({ id }) => id) });
		const aNext = fc.oneof(
			anInstant.map((dueAt) => ({ status: "pending" as const, dueAt })),
			fc
				.tuple(fc.constantFrom("completed" as const, "failed" as const), aFinish)
				.map(([status, finish]) => ({ status, ...finish })),
		);
		const aStatus = fc.constantFrom(...TaskStatus.options);
		// Guided by what is stored, or few claims and results would ever meet their task.
		const aMiss = fc.constantFrom(0, 0, 0, 0, 1, -1);
		const claim = step("claim", fc.tuple(aKey, aMiss, anInstant, anInstant), async ({ tasks }, args) => {
			const [key, miss, now, leaseUntil] = args;
			const { attempt = 1 } = (await tasks.get(key)) ?? {};
			return tasks.claim({ ...key, attempt: attempt + miss, now, leaseUntil });
		});
		const record = step("record", fc.tuple(aKey, aMiss, aMiss, aNext), async ({ tasks }, args) => {
			const [key, missedAttempt, missedLease, next] = args;
			const { attempt = 1, leaseUntil = NOON } = (await tasks.get(key)) ?? {};
			const made = failedAttempt(Math.max(attempt + missedAttempt, 1));
			return tasks.recordAttempt({ ...key, attempt: made, leaseUntil: leaseUntil + missedLease, next });
		});
		const reopen = step(
			"reopen",
			fc.tuple(aKey, anInstant, fc.option(anInstant, { nil: undefined })),
			({ tasks }, args) => tasks.reopen(...args),
		);
		await expectSameAnswers(
			[
				step("put", fc.tuple(aTeam, aTask, anInstant), ({ tasks }, [teamId, task, dueAt]) =>
					tasks.put({ ...task, teamId, dueAt }),
				),
				// Often, so that tasks get through several attempts and more than one set of retries.
				...Array.from({ length: 4 }, () => [claim, record, reopen]).flat(),
				step("get", aKey, ({ tasks }, key) => tasks.get(key)),
				step("cancel", fc.tuple(aKey, aFinish), ({ tasks }, args) => tasks.cancel(...args)),
				step("close", fc.tuple(aKey, aCount, aFinish), ({ tasks }, args) => tasks.close(...args)),
				step("erase", aKey, ({ tasks }, key) => tasks.erase(key)),
				step("remove", aKey, ({ tasks }, key) => tasks.remove(key)),
				step(
					"list",
					fc.record({
						teamId: aTeam,
						queue: fc.option(aName, { nil: undefined }),
						status: fc.option(aStatus, { nil: undefined }),
						before: fc.option(
							aTask.map(({ id }) => id),
							{ nil: undefined },
						),
						limit: fc.integer({ min: 1, max: 3 }),
					}),
					({ tasks }, query) => tasks.list(query),
				),
				step("walk", fc.tuple(aQueueKey, aStatus), ({ tasks }, [queue, status]) =>
					walkAll(
						async (cursor) => {
							const { tasks: found, nextCursor } = await tasks.walk(queue, status, cursor);
							return { found, nextCursor };
						},
						({ id }) => id,
					),
				),
				step("findStalled", anInstant, ({ tasks }, before) =>
					walkAll(
						async (cursor) => {
							const { messages: found, nextCursor } = await tasks.findStalled(before, cursor);
							return { found, nextCursor };
						},
						({ team_id, task_id }) => `${team_id}/${task_id}`,
					),
				),
				step("count", aQueueKey, ({ tasks }, queue) => tasks.count(queue)),
			],
			100,
		);
	});

	it("give the same answers about queues", async () => {
		const settings = fc.constantFrom(defaultQueueSettings, { ...defaultQueueSettings, paused: true });
		const aQueue: fc.Arbitrary<Queue> = fc
			.tuple(aQueueKey, settings, anInstant, anInstant)
			.map(([key, each, createdAt, updatedAt]) => ({ ...key, settings: each, createdAt, updatedAt }));
		const aNote = fc.option(anInstant, { nil: undefined });
		await expectSameAnswers([
			step("create", aQueue, ({ queues }, queue) => queues.create(queue)),
			step("put", aQueue, ({ queues }, queue) => queues.put(queue)),
			step("replace", fc.tuple(aQueue, anInstant), ({ queues }, args) => queues.replace(...args)),
			step("note", fc.tuple(aQueueKey, fc.record({ slowAt: aNote, quickAt: aNote })), ({ queues }, args) =>
				queues.note(...args),
			),
			step("hold", fc.tuple(aQueueKey, anInstant), ({ queues }, args) => queues.hold(...args)),
			step("endHold", aQueueKey, ({ queues }, key) => queues.endHold(key)),
			step("remove", aQueueKey, ({ queues }, key) => queues.remove(key)),
			step("getFresh", aQueueKey, ({ queues }, { teamId, name }) => queues.getFresh(teamId, name)),
			step("list", aTeam, ({ queues }, teamId) => queues.list(teamId)),
		]);
	});

	it("give the same answers about waiting lines", async () => {
		const tasks = Array.from({ length: 6 }, () => messageDueAt(NOON).task_id);
		const aMessage = fc
			.tuple(fc.constantFrom(...tasks), aQueueKey, anInstant, fc.constantFrom(1, 2))
			.map(([task_id, { teamId, name }, due_at, attempt]) => ({
				...messageDueAt(due_at, { task_id, team_id: teamId, queue: name, attempt }),
				priority: 5,
			}));
		const messages = fc.array(aMessage, { maxLength: 8 });
		const shards = fc.subarray([0, 1, 2, 3], { minLength: 1 });
		const first = step(
			"first",
			fc.tuple(aQueueKey, shards, fc.integer({ min: 1, max: 9 })),
			({ line }, args) => line.first(...args),
		);
		const add = step("add", messages, ({ line }, all) => line.add(all));
		await expectSameAnswers([
			add,
			add,
			step("remove", messages, ({ line }, all) => line.remove(all)),
			first,
			first,
		]);
	});

	it("give the same answers about keys", async () => {
		const known = ["key_1", "key_2"].map((id) => uniqueApiKey({ id }));
		const secrets = Array.from({ length: 20 }, uniqueSecret);
		const aKeyId = fc.constantFrom("key_1", "key_2");
		const hashes = [...known.flatMap((key) => key.secrets), ...secrets].map(({ hash }) => hash);
		let rotations = 0;
		await expectSameAnswers([
			step("put", fc.constantFrom(...known), ({ keys }, key) => keys.put({ ...key, teamId: "acme" })),
			step(
				"rotate",
				fc.tuple(aTeam, aKeyId, anInstant).map((args) => {
					rotations += 1;
					return [...args, secrets[rotations % secrets.length] ?? uniqueSecret()] as const;
				}),
				({ keys }, [teamId, id, until, secret]) =>
					// A secret is made for one rotation: SQLite refuses it another time, where the model has no opinion.
					keys
						.findByHash(secret.hash)
						.then((owner) => owner ?? keys.rotate(teamId, id, secret, { from: until - 10, until })),
			),
			step("revoke", fc.tuple(aTeam, aKeyId, anInstant), ({ keys }, args) => keys.revoke(...args)),
			step("touch", fc.tuple(aTeam, aKeyId, anInstant), ({ keys }, args) => keys.touch(...args)),
			step("get", fc.tuple(aTeam, aKeyId), ({ keys }, args) => keys.get(...args)),
			step("list", aTeam, ({ keys }, teamId) => keys.list(teamId)),
			step("find", fc.constantFrom(...hashes), ({ keys }, hash) => keys.findByHash(hash)),
		]);
	});

	it("give the same answers about sheets, jobs and idempotency keys", async () => {
		const sheet = fc
			.tuple(aCount, anInstant)
			.map(([version, visitAt]) => ({ ...EMPTY_SHEET, version, visitAt }));
		// All at one instant: SQLite forgets what has expired, and would not know it for somebody whose clock is behind.
		const now = NOON + 2;
		const aRecord = fc.tuple(aTeam, fc.constantFrom("a", "b"), anInstant, aName);
		const aJob = fc.tuple(aQueueKey, aCount, aCount);
		const jobOf = ([{ teamId, name }, version, changed]: readonly [
			{ teamId: string; name: string },
			number,
			number,
		]) => ({
			...{
				teamId,
				queue: name,
				id: "job_1",
				kind: "redrive" as const,
				filter: { status: "failed" as const },
			},
			...{
				status: "running" as const,
				total: null,
				changed,
				batch: [],
				version,
				createdAt: NOON,
				updatedAt: NOON,
			},
		});
		await expectSameAnswers([
			step("read sheet", aQueueKey, ({ pumpSheets }, queue) => pumpSheets.read(queue)),
			step("write sheet", fc.tuple(aQueueKey, sheet), ({ pumpSheets }, args) => pumpSheets.write(...args)),
			step("create job", aJob, ({ jobs }, args) =>
				Promise.allSettled([jobs.create(jobOf(args))]).then(([{ status }]) => status),
			),
			step("replace job", aJob, ({ jobs }, args) => jobs.replace(jobOf(args))),
			step("get job", aQueueKey, ({ jobs }, queue) => jobs.get({ queue, jobId: "job_1" })),
			step("reserve", aRecord, ({ idempotency }, [teamId, key, expiresAt, taskId]) =>
				idempotency.reserve(
					{ teamId, key, fingerprint: "f", taskId, createdAt: now, maxRetries: 3, expiresAt },
					now,
				),
			),
		]);
	});
});
