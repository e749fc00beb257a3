import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import { isDeployment } from "../support/target.ts";
import { reply } from "../support/webhook-answers.ts";

const { api, receiver } = await openScenario();

const RUNBOOK = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
const [, section = ""] = /\n### failed-tasks\n([\s\S]*?)\n### /.exec(RUNBOOK) ?? [];

/** The addresses that the runbook tells to ask, in its order: `/v1/tasks/$TASK`. */
const steps = [...section.matchAll(/"\$API_URL(\/[^"]+)"/g)].map(([, path = ""]) => path);

/** Does what the runbook says, with these names in the place of its variables. */
const follow = async (path: string, names: Record<string, string>): Promise<string> => {
	const filled = path.replace(/\$([A-Z]+)/g, (_, name: string) => names[name] ?? "?");
	const response = await fetch(`${api.baseUrl}${filled}`, {
		headers: { authorization: `Bearer ${api.key}` },
	});
	expect(response.status).toBe(200);
	return response.text();
};

test("a failed delivery is found from the alarm to what the webhook said, in three steps of the runbook", async () => {
	const [metrics = "", list = "", one = ""] = steps;
	expect([metrics, list, one]).toStrictEqual([
		"/metrics",
		"/v1/tasks?queue=$QUEUE&status=failed&limit=10",
		"/v1/tasks/$TASK",
	]);
	const queue = unique("runbook");
	const answer = reply(500, { headers: { "content-type": "text/plain" }, body: "out of stock since Monday" });
	const hook = receiver.hook([], answer);
	const { id } = await api.createTask({ queue, webhook_url: hook.url, max_retries: 0 });
	await api.taskInStatus(id, "failed");

	// On AWS the first step is a query of the logs, which no emulator answers.
	if (!isDeployment)
		expect(await follow(metrics, {})).toContain(`asyncqueue_failed_total{queue="${queue}"} 1`);
	const { tasks } = JSON.parse(await follow(list, { QUEUE: queue }));
	const { attempts } = JSON.parse(await follow(one, { TASK: tasks[0].id }));
	expect(attempts[0]).toMatchObject({ response_code: 500, response_body: "out of stock since Monday" });
});
