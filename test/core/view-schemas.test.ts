import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { ApiKeyListView, IssuedKeyView } from "../../lambda/core/api-key-view.ts";
import { BatchView } from "../../lambda/core/batch-view.ts";
import { HealthView } from "../../lambda/core/health-view.ts";
import { Problem } from "../../lambda/core/problem.ts";
import { taskView } from "../../lambda/core/task-view.ts";
import { TaskPageView, TaskViewSchema } from "../../lambda/core/task-view-schema.ts";
import { webhookRequest } from "../../lambda/core/webhook-request.ts";
import { WebhookBody, WebhookHeaders } from "../../lambda/core/webhook-schema.ts";
import { aTask, NOW } from "./a-task.ts";

const task = taskView(aTask(), 3);
const instant = "2026-11-23T12:00:00.000Z";
const key = { id: "key_1", name: "first", mode: "live", created_at: instant };
const problem = { status: 404, error: "There is none", code: "task_not_found" };

const bodies: readonly (readonly [string, z.ZodType, Record<string, unknown>])[] = [
	["a task", TaskViewSchema, task],
	[
		"a page of tasks",
		TaskPageView,
		{ tasks: [task], pagination: { limit: 20, has_more: true, next_cursor: "x" } },
	],
	["results of a batch", BatchView, { results: [{ status: 201, task }, problem] }],
	["a list of keys", ApiKeyListView, { api_keys: [{ ...key, prefix: "aq_live_abcd", revoked_at: instant }] }],
	["a new key", IssuedKeyView, { ...key, key: "aq_live_abcdefgh" }],
	["a problem", Problem, { ...problem, type: "urn:x", title: "Task not found", detail: "There is none" }],
	["health", HealthView, { status: "ok", version: "1.0.0" }],
	["the body of a webhook", WebhookBody, JSON.parse(webhookRequest(aTask(), ["aq_live_a"], NOW).body)],
];

describe("the schema of what we send", () => {
	it.each(bodies)("takes %s as it is", (_, schema, body) => {
		expect(schema.parse(body)).toEqual(body);
	});

	it.each(bodies)("takes no member more, and none less: %s", (_, schema, body) => {
		expect(schema.safeParse({ ...body, team_id: "team-a" }).success).toBe(false);
		const [first = ""] = Object.keys(body);
		const { [first]: __, ...less } = body;
		expect(schema.safeParse(less).success).toBe(false);
	});

	it("knows the headers of a webhook's call beside those that every request has", () => {
		const { "content-type": _, "user-agent": __, ...own } = webhookRequest(aTask(), ["a", "b"], NOW).headers;
		const names = Object.keys(WebhookHeaders.shape).filter((name) => name !== "traceparent");
		expect(Object.keys(own).toSorted()).toEqual(names.map((name) => name.toLowerCase()).toSorted());
	});
});
