import { describe, expect, onTestFinished, test } from "vitest";
import { startTestServer } from "../../local/test-server.ts";
import { ApiClient } from "../support/api-client.ts";
import { openPage } from "../support/scripted-page.ts";
import { newApiKey, startServer } from "../support/server-process.ts";
import { isDeployment } from "../support/target.ts";
import type { WebhookBody } from "../support/wire-format.ts";

type Inbox = Readonly<{
	calls: readonly Readonly<{ answered: number; signature: string; body: WebhookBody }>[];
}>;

/** A server in this process, whose clock can be moved: no retry is waited for. */
const openQuickInbox = async () => {
	const server = await startTestServer();
	const api = new ApiClient(server.url, server.apiKey);
	onTestFinished(async () => {
		await api.close();
		await server.stop();
	});
	return { api, server, inbox: api.withKey(undefined), url: `${server.url}/dev/inbox` };
};

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

	test("the inbox answers late and closes connections on demand, an attempt each", async () => {
		const { api, server, inbox, url } = await openQuickInbox();
		const task = { queue: "demo", webhook_url: url, retry_backoff: "fixed" } as const;
		// The connection of the next call is one that was used before.
		await api.taskInStatus((await api.createTask(task)).id, "completed");
		const attemptsOf = async (changes: object) => {
			const { id } = await api.createTask({ ...task, ...changes });
			await api.taskWhen(id, "waiting for its retry", ({ attempts }) => attempts.length === 1);
			server.advance(1);
			return (await api.taskInStatus(id, "completed")).attempts;
		};

		await inbox.expectCall(200, "POST", "/dev/inbox/fail", { json: { drop: true } });
		expect(await attemptsOf({})).toMatchObject([{ error: "connection_reset" }, { response_code: 200 }]);

		await inbox.expectCall(200, "POST", "/dev/inbox/fail", { json: { status: 202, delay: 60 } });
		expect(await attemptsOf({ timeout: 1 })).toMatchObject([{ error: "timeout" }, { response_code: 200 }]);
	});

	test("the inbox refuses what it could not show again", async () => {
		const { inbox } = await openQuickInbox();
		const text = `${"[".repeat(150_000)}${"]".repeat(150_000)}`;
		const headers = { "content-type": "application/json" };
		const refused = await inbox.call("POST", "/dev/inbox", { text, headers });
		expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request" } });
		expect(await inbox.call("GET", "/dev/inbox")).toMatchObject({ status: 200, body: { calls: [] } });
	});

	test("a browser gets the inbox as a page, in which what arrived is only text", async () => {
		const { api, inbox, url } = await openQuickInbox();
		const { id } = await api.createTask({
			queue: "demo",
			webhook_url: url,
			payload: { html: "<script>alert(1)</script>" },
		});
		await api.taskInStatus(id, "completed");

		const page = await inbox.call<string>("GET", "/dev/inbox", {
			headers: { accept: "text/html,*/*;q=0.8" },
		});

		expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
		const [row, ...others] = [...page.body.matchAll(/<tr><td>.*?<\/tr>/gs)].map(([text]) => text);
		expect(others).toEqual([]);
		expect(row).toContain(`<td>${id}</td><td>1</td><td>verified</td><td>200</td>`);
		expect(row).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
		expect(page.body.match(/<script>/g)).toHaveLength(1);
		expect((await inbox.call("GET", "/dev/inbox")).headers["content-type"]).toBe("application/json");
	});

	test("the forms of the page make the inbox fail, move the clock and forget what arrived", async () => {
		const { api, server, inbox, url } = await openQuickInbox();
		const page = await inbox.call<string>("GET", "/dev/inbox", { headers: { accept: "text/html" } });
		const browser = openPage(page.body, server.url);

		await browser.submit("fail", { next: "2", status: "503", drop: "on" });
		expect(await inbox.expectCall(200, "GET", "/dev/inbox")).toMatchObject({
			failing: { next: 2, status: 503, delay: 0, drop: true },
		});
		await browser.submit("fail", { next: "0" });
		await browser.submit("advance", { seconds: "120" });
		expect(await inbox.expectCall(200, "GET", "/dev/clock")).toMatchObject({ ahead_seconds: 120 });

		const { id } = await api.createTask({ queue: "demo", webhook_url: url });
		await api.taskInStatus(id, "completed");
		await browser.refresh();
		expect(browser.state()).toContain(id);
		await browser.click("clear");
		expect(browser.state()).toContain("Nothing has arrived");
		expect(server.inbox()).toEqual([]);

		await browser.submit("advance", { seconds: "-1" });
		expect(browser.textOf("refused")).toContain("advance");
	});
});
