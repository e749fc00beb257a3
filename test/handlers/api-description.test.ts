import { describe, expect, it } from "vitest";
import { taskView } from "../../lambda/core/task-view.ts";
import { webhookRequest } from "../../lambda/core/webhook-request.ts";
import { openApiDocument } from "../../lambda/openapi/document.ts";
import { aTask, NOW } from "../core/a-task.ts";
import { ApiDescription, type Exchange } from "../support/api-description.ts";

const description = new ApiDescription(openApiDocument());

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const task = taskView(aTask(), 3);
const newTask = { queue: "emails", webhook_url: "https://example.com/hook" };

const own = { "content-type": "application/json", "x-request-id": "r" };

const created: Exchange = {
	method: "POST",
	path: "/v1/tasks",
	requestBody: newTask,
	status: 201,
	headers: { ...own, location: `/v1/tasks/${task.id}` },
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

const listed: Exchange = {
	...created,
	method: "GET",
	headers: own,
	requestBody: undefined,
	status: 200,
	body: { tasks: [task], pagination: { limit: 20, has_more: false, next_cursor: null } },
};

const batch = (tasks: readonly unknown[], results: readonly unknown[]): Exchange => ({
	...created,
	path: "/v1/tasks/batch",
	requestBody: { tasks },
	headers: own,
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
		["a query", { ...listed, path: "/v1/tasks?limit=1&status=failed" }],
		["a limited team's", { ...listed, headers: { ...own, ratelimit: '"team";r=42;t=13' } }],
		["a batch of bad items", batch([{ queue: "-" }], [sunk])],
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
		["a header of other answers", { ...listed, headers: created.headers }, /a header Location, which is not/],
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
		["a parameter", { ...listed, path: "/v1/tasks?size=3" }, /takes \?size=/],
		["a parameter's value", { ...listed, path: "/v1/tasks?limit=101" }, /\?limit= must be <= 100/],
		["a route", { ...created, path: "/v1/secrets", status: 200 }, /is not described/],
	])("%s", (_, exchange, fault) => {
		expect(description.faultsOf(exchange).join("\n")).toMatch(fault);
	});
});

describe("a call to a webhook", () => {
	const { headers, body } = webhookRequest(
		aTask({ traceparent: TRACEPARENT }),
		["aq_live_a", "aq_live_b"],
		NOW,
	);
	const { "content-type": type, "user-agent": agent, ...own } = headers;

	it("is as described", () => {
		expect([type, agent]).toEqual(["application/json", expect.stringContaining("AsyncQueue/")]);
		expect(description.faultsOfDelivery(own, JSON.parse(body))).toEqual([]);
	});

	it.each<[string, Record<string, string>, Record<string, unknown>, RegExp]>([
		["a header more", { ...own, "x-team": "a" }, {}, /a header x-team/],
		[
			"a signature of another form",
			{ ...own, "webhook-signature": "v2,x" },
			{},
			/webhook-signature must match/,
		],
		["a member more", own, { team: "a" }, /the call must NOT have unevaluated properties/],
	])("has a fault: %s", (_, changed, more, fault) => {
		expect(description.faultsOfDelivery(changed, { ...JSON.parse(body), ...more }).join()).toMatch(fault);
	});
});
