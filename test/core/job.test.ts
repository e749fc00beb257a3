import { describe, expect, it } from "vitest";
import {
	isJobId,
	isMeant,
	JOB_KEPT_MS,
	type Job,
	type JobFilter,
	jobIdFor,
	jobRoom,
} from "../../lambda/core/job.ts";
import {
	CancelRequest,
	isUnfiltered,
	jobFilter,
	PurgeRequest,
	RedriveRequest,
} from "../../lambda/core/job-request.ts";
import { jobView } from "../../lambda/core/job-view.ts";
import type { Attempt, Task } from "../../lambda/core/task.ts";
import { aTask, NOW } from "./a-task.ts";

const ULID = "01KANV8E00ABCDEFGHJKMNPQRS";

const aJob = (filter: JobFilter, changes: Partial<Job> = {}): Job => ({
	teamId: "team-a",
	queue: "emails",
	id: jobIdFor(ULID),
	kind: "redrive",
	filter,
	status: "running",
	total: null,
	changed: 0,
	batch: [],
	version: 0,
	createdAt: NOW,
	updatedAt: NOW,
	...changes,
});

const anAttempt = (changes: Partial<Attempt>): Attempt => ({
	number: 1,
	status: "failed",
	responseCode: 500,
	error: "http_500",
	durationMs: 1,
	executedAt: NOW - 10,
	responseBody: null,
	...changes,
});

const failed = (changes: Partial<Task> = {}): Task =>
	aTask({ status: "failed", createdAt: NOW - 10, completedAt: NOW - 1, ...changes });

const isAbout = (filter: Partial<JobFilter>, task: Task, now = NOW): boolean =>
	isMeant(aJob({ status: "failed", ...filter }), task, now);

describe("a job's id", () => {
	it("is known by its form", () => {
		expect(isJobId(jobIdFor(ULID))).toBe(true);
		for (const id of ["", ULID, `task_${ULID}`, `job_${ULID}X`, `xjob_${ULID}`, `job_${ULID.toLowerCase()}`])
			expect(isJobId(id)).toBe(false);
	});
});

describe("a job", () => {
	it("is about the tasks of one status", () => {
		expect(isAbout({}, failed())).toBe(true);
		expect(isAbout({ status: "completed" }, failed())).toBe(false);
		expect(isAbout({ status: "completed" }, failed({ status: "completed" }))).toBe(true);
	});

	it("is not about what ended at its beginning or after", () => {
		expect(isAbout({}, failed({ completedAt: NOW }))).toBe(false);
		expect(isAbout({}, failed({ completedAt: undefined }))).toBe(false);
	});

	it("is about tasks that were waiting when it began", () => {
		expect(isAbout({ status: "pending" }, aTask({ createdAt: NOW }))).toBe(true);
		expect(isAbout({ status: "pending" }, aTask({ createdAt: NOW + 1 }))).toBe(false);
	});

	it("is not about tasks that are kept no longer", () => {
		expect(isAbout({}, failed({ expiresAt: NOW + 1 }))).toBe(true);
		expect(isAbout({}, failed({ expiresAt: NOW }))).toBe(false);
	});

	it("can be restricted to tasks created before an instant", () => {
		expect(isAbout({ createdBefore: NOW - 9 }, failed())).toBe(true);
		expect(isAbout({ createdBefore: NOW - 10 }, failed())).toBe(false);
	});

	it("can be restricted to tasks whose last attempt ended in one way", () => {
		const timedOut = anAttempt({ error: "timeout", responseCode: null });
		const task = failed({ attempts: [timedOut, anAttempt({ number: 2 })] });
		expect(isAbout({ code: "500" }, task)).toBe(true);
		expect(isAbout({ code: "http_500" }, task)).toBe(true);
		expect(isAbout({ code: "timeout" }, task)).toBe(false);
		expect(isAbout({ code: "timeout" }, failed({ attempts: [timedOut] }))).toBe(true);
		expect(isAbout({ code: "timeout" }, failed())).toBe(false);
	});

	it("can be asked about for a week after it has finished", () => {
		expect(new Date(NOW + JOB_KEPT_MS).toISOString()).toBe("2026-11-30T12:00:00.000Z");
	});

	it("has room for as many tasks as its maximum leaves", () => {
		expect(jobRoom({ filter: { status: "failed" }, changed: 7 })).toBe(Number.POSITIVE_INFINITY);
		expect(jobRoom({ filter: { status: "failed", max: 10 }, changed: 7 })).toBe(3);
	});
});

describe("a request for a job", () => {
	it("is about everything unless it says otherwise", () => {
		expect(jobFilter("failed", RedriveRequest.parse({}))).toStrictEqual({ status: "failed" });
		expect(isUnfiltered({ status: "failed", max: 1 })).toBe(true);
	});

	it("to purge is about failed tasks unless it says completed or cancelled ones", () => {
		expect(PurgeRequest.parse({})).toEqual({ status: "failed" });
		for (const status of ["failed", "completed", "cancelled"])
			expect(PurgeRequest.parse({ status })).toEqual({ status });
	});

	it("can be restricted", () => {
		const created_before = "2026-11-23T13:00:00+01:00";
		const filter = jobFilter("failed", RedriveRequest.parse({ created_before, code: 500, max: 3 }));
		expect(filter).toEqual({ status: "failed", createdBefore: NOW, code: "500", max: 3 });
		expect(isUnfiltered({ status: "failed", createdBefore: NOW })).toBe(false);
		expect(isUnfiltered({ status: "failed", code: "timeout" })).toBe(false);
	});

	it.each([
		["redrive", RedriveRequest, { max: 0, created_before: "yesterday", code: "", status: "failed" }, 4],
		["redrive", RedriveRequest, { max: 1.5, code: 99 }, 2],
		["redrive", RedriveRequest, { code: "half a pair: \ud800" }, 1],
		["cancel", CancelRequest, { max: "1", code: "timeout" }, 2],
		["purge", PurgeRequest, { status: "pending", code: null, queue: "emails" }, 3],
	])("to %s is refused with all its faults", (_, schema, body, faults) => {
		expect(schema.safeParse(body).error?.issues).toHaveLength(faults);
	});
});

describe("a fault in a request for a job", () => {
	it("says what is expected", () => {
		const faults = PurgeRequest.safeParse({ created_before: "yesterday", code: null }).error?.issues;
		expect(faults?.map(({ path, message }) => [path.join("."), message])).toEqual([
			["created_before", "must be an ISO 8601 instant"],
			["code", "must be an attempt's error or response code"],
		]);
	});
});

describe("a job as the API shows it", () => {
	it("has every member, null where there is nothing to say", () => {
		expect(jobView(aJob({ status: "failed" }, { total: 12, batch: ["task_1"], cursor: "x" }))).toEqual({
			id: `job_${ULID}`,
			kind: "redrive",
			queue: "emails",
			status: "running",
			filter: { status: "failed", created_before: null, code: null, max: null },
			total: 12,
			changed: 0,
			created_at: "2026-11-23T12:00:00.000Z",
			updated_at: "2026-11-23T12:00:00.000Z",
			finished_at: null,
		});
	});

	it("shows its filter and its end", () => {
		const filter = { status: "failed", createdBefore: NOW, code: "500", max: 3 } as const;
		expect(jobView(aJob(filter, { status: "finished", finishedAt: NOW + 1 }))).toMatchObject({
			filter: { status: "failed", created_before: "2026-11-23T12:00:00.000Z", code: "500", max: 3 },
			total: null,
			finished_at: "2026-11-23T12:00:00.001Z",
		});
	});
});
