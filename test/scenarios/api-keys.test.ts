import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openScenario, unique } from "../support/scenario.ts";
import { ownSignatureCount, verifiesByHand, verifiesByStandardWebhooks } from "../support/signature-check.ts";
import type { ApiKeyListView, ApiKeyView, ProblemView } from "../support/wire-format.ts";

const { api, receiver } = await openScenario();

/** A revoked or replaced key is refused within 60 s everywhere; at once on the embedded server. */
const REFUSED_WITHIN_MS = 75_000;

const createKey = (mode: "live" | "test" = "live"): Promise<ApiKeyView> =>
	api.expectCall<ApiKeyView>(201, "POST", "/v1/apikeys", { json: { name: unique("key"), mode } });

const whenRefused = (key: string): Promise<ProblemView> =>
	eventually(
		"the key to be refused",
		async () => {
			const answer = await api.withKey(key).call<ProblemView>("GET", "/v1/tasks?limit=1");
			return answer.status === 401 ? answer.body : undefined;
		},
		REFUSED_WITHIN_MS,
	);

describe.concurrent("an API key", () => {
	test("is shown once, works at once and signs what it creates", async () => {
		const created = await createKey();
		expect(created).toMatchObject({ mode: "live", key: expect.stringMatching(/^aq_live_/) });
		const hook = receiver.hook();

		await api.withKey(created.key).createTask({ queue: unique("keys"), webhook_url: hook.url });
		const call = await hook.arrival(1);

		expect(ownSignatureCount(call)).toBe(1);
		expect(verifiesByHand(call, created.key)).toBe(true);
		expect(verifiesByHand(call, api.key ?? "")).toBe(false);
		const { api_keys } = await api.expectCall<ApiKeyListView>(200, "GET", "/v1/apikeys");
		const listed = api_keys.find((key) => key.id === created.id);
		expect(created.key.startsWith(listed?.prefix ?? "?")).toBe(true);
		expect(JSON.stringify(api_keys)).not.toContain(created.key);
	});

	test("can be sent as X-API-Key as well", async () => {
		const answer = await api
			.withKey(undefined)
			.call("GET", "/v1/tasks?limit=1", { headers: { "x-api-key": api.key ?? "" } });

		expect(answer.status).toBe(200);
	});

	test("in test mode accepts tasks but never calls the webhook", async () => {
		const testing = api.withKey((await createKey("test")).key);
		const queue = unique("keys");
		const hook = receiver.hook();
		const task = await testing.createTask({ queue, webhook_url: hook.url });
		expect(testing.key).toMatch(/^aq_test_/);
		expect(task.id).toMatch(/^task_/);
		const refused = await testing.call("POST", "/v1/tasks", { json: { queue } });
		expect(refused.status).toBe(400);

		const witness = receiver.hook();
		await api.createTask({ queue, webhook_url: witness.url, delay: 2 });
		await witness.arrival(1);

		expect(hook.arrivals).toHaveLength(0);
	});

	test("that is rotated leaves the old one working, and receivers can verify with either", async () => {
		const old = await createKey();
		const rotated = await api.expectCall<ApiKeyView>(200, "POST", `/v1/apikeys/${old.id}/rotate`, {
			json: { overlap_seconds: 600 },
		});
		expect(rotated).toMatchObject({ id: old.id, key: expect.stringMatching(/^aq_live_/) });
		expect(rotated.key).not.toBe(old.key);

		for (const key of [old.key, rotated.key]) {
			const hook = receiver.hook();
			await api.withKey(key).createTask({ queue: unique("keys"), webhook_url: hook.url });
			const call = await hook.arrival(1);
			expect(ownSignatureCount(call)).toBe(2);
			for (const secret of [old.key, rotated.key]) {
				expect(verifiesByHand(call, secret)).toBe(true);
				expect(verifiesByStandardWebhooks(call, secret)).toBe(true);
			}
		}
	});

	test("that is rotated without overlap is refused, its successor accepted", {
		timeout: 90_000,
	}, async () => {
		const old = await createKey();
		const rotated = await api.expectCall<ApiKeyView>(200, "POST", `/v1/apikeys/${old.id}/rotate`, {
			json: { overlap_seconds: 0 },
		});

		await whenRefused(old.key);

		expect((await api.withKey(rotated.key).call("GET", "/v1/tasks")).status).toBe(200);
	});

	test("that is revoked is refused with 401", { timeout: 90_000 }, async () => {
		const created = await createKey();
		expect((await api.withKey(created.key).call("GET", "/v1/tasks")).status).toBe(200);

		const answer = await api.call("DELETE", `/v1/apikeys/${created.id}`);
		expect(answer.status).toBe(204);

		expect(await whenRefused(created.key)).toMatchObject({ error: "Invalid or revoked API key" });
		const { api_keys } = await api.expectCall<ApiKeyListView>(200, "GET", "/v1/apikeys");
		expect(api_keys.find((key) => key.id === created.id)?.revoked_at).toMatch(/Z$/);
	});
});
