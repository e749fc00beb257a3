import { describe, expect, it } from "vitest";
import { taskView } from "../../lambda/core/task-view.ts";
import { openApiDocument } from "../../lambda/openapi/document.ts";
import { aTask } from "../core/a-task.ts";
import { ApiDescription, type Exchange } from "../support/api-description.ts";

const description = new ApiDescription(openApiDocument());

const task = taskView(aTask(), 3);
const newTask = { queue: "emails", webhook_url: "https://example.com/hook" };

const created: Exchange = {
	method: "POST",
	path: "/v1/tasks",
	requestBody: newTask,
	status: 201,
	headers: { "content-type": "application/json", "x-request-id": "r", location: `/v1/tasks/${task.id}` },
	body: task,
};

const problem = {
	type: "urn:asyncqueue:error:task_not_found",
	title: "Task not found",
	status: 404,
	detail: "There is no task x",
	error: "There is no task x",
	code: "task_not_found",
};

const refused: Exchange = {
	method: "GET",
	path: "/v1/tasks/x",
	requestBody: undefined,
	status: 404,
	headers: { "content-type": "application/problem+json", "x-request-id": "r" },
	body: problem,
};

const batch = (tasks: readonly unknown[], results: readonly unknown[]): Exchange => ({
	...created,
	path: "/v1/tasks/batch",
	requestBody: { tasks },
	status: 200,
	body: { results },
});
const accepted = { status: 201, task };
const sunk = {
	status: 400,
	error: "queue: bad",
	code: "invalid_request",
	errors: [{ path: "queue", message: "bad" }],
};

describe("an exchange that is as described", () => {
	it.each<[string, Exchange]>([
		["a task that is created", created],
		["a task that is not there", refused],
		["a batch with a bad item", batch([newTask, { queue: "-" }], [accepted, sunk])],
		["a batch of bad items", batch([{ queue: "-" }], [sunk])],
		[
			"a query",
			{ ...refused, path: "/v1/tasks?limit=1", status: 401, body: { ...problem, code: "invalid_api_key" } },
		],
		[
			"a path that nobody knows",
			{ ...refused, path: "/v1/nothing", body: { ...problem, code: "route_not_found" } },
		],
	])("has no fault: %s", (_, exchange) => {
		expect(description.faultsOf(exchange)).toEqual([]);
	});
});

describe("an exchange that is not as described has a fault", () => {
	const { attempts, ...withoutAttempts } = task;
	it.each<[string, Exchange, RegExp]>([
		["a status", { ...created, status: 200 }, /no described answer 200/],
		["a member", { ...created, body: { ...task, secret: 1 } }, /unevaluated properties.*secret/],
		["a member that is missing", { ...created, body: withoutAttempts }, /attempts/],
		[
			"a member of another kind",
			{ ...created, body: { ...task, priority: "5" } },
			/\/priority must be integer/,
		],
		["an instant", { ...created, body: { ...task, run_at: "now" } }, /\/run_at must match format/],
		["a member deep inside", { ...created, body: { ...task, attempts: [{ number: 1 }] } }, /attempts\/0/],
		[
			"a content type",
			{ ...created, headers: { ...created.headers, "content-type": "text/html" } },
			/"text\/html"/,
		],
		["a header", { ...created, headers: { ...created.headers, location: undefined } }, /no header Location/],
		["a code of another operation", { ...refused, body: { ...problem, code: "queue_not_found" } }, /\/code/],
		["a member of a problem", { ...refused, body: { ...problem, stack: "at" } }, /stack/],
		[
			"a body that was accepted",
			{ ...created, requestBody: { ...newTask, color: "red" } },
			/the request.*color/,
		],
		[
			"delay beside run_at",
			{ ...created, requestBody: { ...newTask, delay: 1, run_at: "2026-12-01T06:00:00Z" } },
			/NOT/,
		],
		[
			"an item that was accepted",
			batch([{ queue: "emails" }], [accepted]),
			/the request\/tasks\/0.*webhook_url/,
		],
		["a member of an item's problem", batch([{}], [{ ...sunk, detail: "x" }]), /the response\/results\/0/],
		[
			"a body where there is none",
			{ ...created, method: "GET", path: "/v1/tasks/x", status: 200 },
			/takes a body/,
		],
		["a route", { ...created, path: "/v1/secrets", status: 200 }, /is not described/],
	])("%s", (_, exchange, fault) => {
		expect(description.faultsOf(exchange).join("\n")).toMatch(fault);
	});
});
