import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

const task = { queue: "orders", webhook_url: "https://example.com/hook", max_retries: 1 };

const eventsOf = (name: string) => world.logs.filter(({ event }) => event === name);

describe("an attempt is one event", () => {
	it("with who, which of how many, how late, how long, how it ended and what follows", async () => {
		world.webhooks.willAnswer(answer(503), answer(500));
		const { body } = await request("POST", "/v1/tasks", { body: task });
		await world.runFor(10);

		const ids = { task_id: body.id, team_id: "team-a", queue: "orders", max_attempts: 2, duration_ms: 5 };
		expect(eventsOf("delivery.attempted")).toMatchObject([
			{
				level: "warn",
				fields: {
					...ids,
					attempt: 1,
					lag_ms: 0,
					outcome: "http_503",
					response_code: 503,
					next: "retry_later",
					next_due_in_ms: 1_000,
				},
			},
			{ level: "warn", fields: { ...ids, attempt: 2, response_code: 500, next: "give_up" } },
		]);
	});

	it("counts attempts on, when a failed task is tried again", async () => {
		world.webhooks.willAnswer(answer(410));
		const { body } = await request("POST", "/v1/tasks", { body: task });
		await world.runFor(1);
		await request("POST", `/v1/tasks/${body.id}/retry`);
		await world.runFor(1);
		expect(eventsOf("delivery.attempted").at(-1)).toMatchObject({
			level: "info",
			fields: { attempt: 2, max_attempts: 3, outcome: "delivered", response_code: 200, next: "succeed" },
		});
	});

	it("says whether the task has waited in line, and how many were put there", async () => {
		await request("PUT", "/v1/queues/orders", { body: { concurrency: 1 } });
		await request("POST", "/v1/tasks/batch", { body: { tasks: [task, task] } });
		await world.runFor(5);
		expect(eventsOf("delivery.parked").map(({ fields }) => fields["tasks"])).toEqual([2]);
		expect(eventsOf("delivery.attempted").map(({ fields }) => fields["parked"])).toEqual([true, true]);
	});
});

describe("tasks created are one event for each queue", () => {
	const created = () => eventsOf("task.created").map(({ fields: { queue, tasks } }) => [queue, tasks]);

	it("of those that were accepted", async () => {
		const tasks = [task, { ...task, queue: "emails" }, task, { queue: "emails" }];
		await request("POST", "/v1/tasks/batch", { body: { tasks } });
		expect(created()).toEqual([
			["orders", 2],
			["emails", 1],
		]);
	});

	it("and none for what was there already, or is not accepted", async () => {
		const headers = { "idempotency-key": "order-1" };
		for (let sent = 0; sent < 2; sent += 1) await request("POST", "/v1/tasks", { body: task, headers });
		const deliveryQueue = { send: () => Promise.reject(new Error("down")) };
		const refused = await request("POST", "/v1/tasks", { body: task }, { ...world.ports, deliveryQueue });
		expect(refused.status).toBe(503);
		expect(created()).toEqual([["orders", 1]]);
	});
});

describe("a request is one event", () => {
	const handled = () => eventsOf("api.handled").at(-1)?.fields;

	it("with its route's template, and its path only where it says more", async () => {
		const { body } = await request("POST", "/v1/tasks", { body: task });
		expect(handled()).toMatchObject({ method: "POST", route: "/v1/tasks", path: undefined, status: 201 });
		await request("GET", `/v1/tasks/${body.id}`);
		expect(handled()).toMatchObject({
			request_id: "request-1",
			route: "/v1/tasks/{task_id}",
			path: `/v1/tasks/${body.id}`,
			team_id: "team-a",
			code: undefined,
			duration_ms: expect.any(Number),
		});
	});

	it("with the code of its error", async () => {
		await request("GET", "/v1/tasks/task_x");
		expect(handled()).toMatchObject({ status: 404, code: "task_not_found" });
		const tasks = { ...world.ports.tasks, get: () => Promise.reject(new Error("down")) } as never;
		const { body } = await request("POST", "/v1/tasks", { body: task });
		await request("GET", `/v1/tasks/${body.id}`, {}, { ...world.ports, tasks });
		expect(handled()).toMatchObject({ status: 500, code: "internal_error" });
	});

	it("without a route where there is none", async () => {
		await request("GET", "/v2/tasks");
		expect(handled()).toMatchObject({ route: undefined, path: "/v2/tasks", code: "route_not_found" });
	});
});
