import { describe, expect, onTestFinished, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import { newApiKey, startServer } from "../support/server-process.ts";
import { isDeployment } from "../support/target.ts";
import type { WebhookBody } from "../support/wire-format.ts";

type Inbox = Readonly<{
	calls: readonly Readonly<{ answered: number; signature: string; body: WebhookBody }>[];
}>;

const openInbox = async () => {
	const apiKey = newApiKey();
	const server = await startServer({ dataDir: ":memory:", apiKey });
	const api = new ApiClient(server.url, apiKey);
	onTestFinished(async () => {
		await api.close();
		await server.stop();
	});
	return { api, inbox: api.withKey(undefined), url: `${server.url}/dev/inbox` };
};

// A deployment has no /dev/inbox: skipped there.
describe.skipIf(isDeployment)("the first minutes with the README", () => {
	test("a task arrives signed in the inbox, is made to fail twice, and is delivered", async () => {
		const { api, inbox, url } = await openInbox();
		const task = { queue: "demo", webhook_url: url, payload: { hello: "world" } };
		const calls = async () => (await inbox.expectCall<Inbox>(200, "GET", "/dev/inbox")).calls;

		const first = await api.createTask(task);
		await api.taskInStatus(first.id, "completed");
		expect(await calls()).toMatchObject([
			{ answered: 200, signature: "verified", body: { task_id: first.id, payload: { hello: "world" } } },
		]);

		await inbox.expectCall(200, "POST", "/dev/inbox/fail", { json: { next: 2, status: 503 } });
		const second = await api.createTask({ ...task, retry_backoff: "fixed" });
		const delivered = await api.taskInStatus(second.id, "completed");
		expect(delivered.attempts.map((attempt) => attempt.response_code)).toStrictEqual([503, 503, 200]);
		const answers = (await calls()).filter((call) => call.body.task_id === second.id);
		expect(answers.map((call) => call.answered)).toStrictEqual([200, 503, 503]);
		expect(answers.map((call) => call.body.attempt)).toStrictEqual([3, 2, 1]);

		await inbox.expectCall(204, "DELETE", "/dev/inbox");
		expect(await calls()).toStrictEqual([]);
	});
});
