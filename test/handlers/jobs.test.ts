import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { FAILED, storeTasks } from "../support/stored-tasks.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

const START_TEXT = new Date(START).toISOString();

describe("bulk jobs over HTTP", () => {
	const created_before = new Date(START - 1_000).toISOString();

	it.each([
		["redrive", { max: 5, created_before, code: 500 }, { status: "failed", code: "500", max: 5 }],
		["cancel", { max: 5, created_before }, { status: "pending", code: null, max: 5 }],
		["purge", { code: "timeout", created_before }, { status: "failed", code: "timeout", max: null }],
		["purge", { status: "completed", created_before }, { status: "completed", code: null, max: null }],
	])("%s is accepted with %j", async (action, body, filter) => {
		await storeTasks(world, 0);
		const begun = await request("POST", `/v1/queues/emails/${action}`, { body });
		expect(begun.status).toBe(202);
		expect(begun.body).toEqual({
			id: expect.stringMatching(/^job_/),
			kind: action,
			queue: "emails",
			status: "running",
			filter: { ...filter, created_before },
			total: null,
			changed: 0,
			created_at: START_TEXT,
			updated_at: START_TEXT,
			finished_at: null,
		});
		expect(begun.headers["location"]).toBe(`/v1/queues/emails/jobs/${begun.body.id}`);
		const shown = await request("GET", String(begun.headers["location"]));
		expect(shown).toMatchObject({ status: 200, body: begun.body });
	});

	it("need no body", async () => {
		await storeTasks(world, 3, FAILED);
		const begun = await request("POST", "/v1/queues/emails/redrive");
		expect(begun).toMatchObject({ status: 202, body: { total: 3 } });
		await world.runFor(1);
		const job = await request("GET", String(begun.headers["location"]));
		expect(job.body).toMatchObject({ status: "finished", changed: 3, finished_at: START_TEXT });
		expect(world.webhooks.calls).toHaveLength(3);
	});

	it.each([
		[
			"redrive",
			{ max: 0, created_before: "now", code: "", all: true },
			["all", "code", "created_before", "max"],
		],
		["redrive", { status: "failed" }, ["status"]],
		["cancel", { max: -1, created_before: 5, code: "timeout" }, ["code", "created_before", "max"]],
		["purge", { status: "pending", max: "3", code: [] }, ["code", "max", "status"]],
	])("refuse to %s %j", async (action, body, paths) => {
		const refused = await request("POST", `/v1/queues/emails/${action}`, { body });
		expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request" } });
		expect(refused.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(paths);
	});

	it("are not found under another queue, or by a wrong id", async () => {
		await storeTasks(world, 0);
		const { body } = await request("POST", "/v1/queues/emails/redrive");
		for (const path of [`other/jobs/${body.id}`, `-/jobs/${body.id}`, "emails/jobs/job_1", "emails/jobs/-"])
			expect(await request("GET", `/v1/queues/${path}`)).toMatchObject({
				status: 404,
				body: { code: "job_not_found" },
			});
		for (const action of ["redrive", "cancel", "purge"])
			expect(await request("POST", `/v1/queues/other/${action}`)).toMatchObject({ status: 404 });
	});
});
