import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import type { ProblemView, TaskView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

describe.concurrent("a create with an Idempotency-Key", () => {
	test("that is repeated gets the first answer again and makes no second task", async () => {
		const hook = receiver.hook();
		const queue = unique("paid-once");
		const create = {
			json: { queue, webhook_url: hook.url, payload: { invoice: 7 } },
			headers: { "idempotency-key": unique("invoice") },
		};

		const first = await api.call<TaskView>("POST", "/v1/tasks", create);
		await api.taskInStatus(first.body.id, "completed");
		const again = await api.call<TaskView>("POST", "/v1/tasks", create);

		expect(first.headers["idempotent-replayed"]).toBeUndefined();
		expect(again.headers["idempotent-replayed"]).toBe("true");
		expect(again.status).toBe(201);
		expect(again.body).toStrictEqual(first.body);
		expect(hook.arrivals).toHaveLength(1);
	});

	test("that is sent twice at the same moment makes one task", async () => {
		const hook = receiver.hook();
		const create = {
			json: { queue: unique("paid-once"), webhook_url: hook.url, delay: 1 },
			headers: { "idempotency-key": unique("race") },
		};

		const answers = await Promise.all(
			Array.from({ length: 8 }, () => api.call<TaskView>("POST", "/v1/tasks", create)),
		);

		expect(answers.map((answer) => answer.status)).toStrictEqual(Array(8).fill(201));
		expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
	});

	test("that means something else than the first is refused with 422", async () => {
		const hook = receiver.hook();
		const headers = { "idempotency-key": unique("invoice") };
		const json = { queue: unique("paid-once"), webhook_url: hook.url, payload: { invoice: 7 } };
		await api.expectCall(201, "POST", "/v1/tasks", { json, headers });

		const other = await api.call<ProblemView>("POST", "/v1/tasks", {
			json: { ...json, payload: { invoice: 8 } },
			headers,
		});

		expect(other.status).toBe(422);
		expect(other.body.code).toBe("idempotency_key_reused");
	});

	test("that is longer than 255 characters is refused with 400", async () => {
		const answer = await api.call<ProblemView>("POST", "/v1/tasks", {
			json: { queue: unique("paid-once"), webhook_url: receiver.hook().url },
			headers: { "idempotency-key": "k".repeat(256) },
		});

		expect(answer.status).toBe(400);
		expect(answer.body.code).toBe("invalid_request");
	});

	test("that was refused can be corrected under the same key", async () => {
		const hook = receiver.hook();
		const headers = { "idempotency-key": unique("typo") };
		const json = { queue: unique("paid-once"), webhook_url: hook.url };
		await api.expectCall(400, "POST", "/v1/tasks", { json: { ...json, delay: -1 }, headers });

		await api.expectCall(201, "POST", "/v1/tasks", { json, headers });
		await hook.arrival(1);
	});
});
