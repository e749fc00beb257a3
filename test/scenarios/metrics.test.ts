import { describe, expect, test } from "vitest";
import { openScenario, unique } from "../support/scenario.ts";
import { isDeployment } from "../support/target.ts";
import { reply } from "../support/webhook-answers.ts";

const { api, receiver } = await openScenario();

/** The embedded server's; on AWS the same metrics are in CloudWatch. */
describe.skipIf(isDeployment)("GET /metrics", () => {
	const scrape = async () => {
		const response = await fetch(new URL("/metrics", api.baseUrl));
		return {
			status: response.status,
			type: response.headers.get("content-type"),
			text: await response.text(),
		};
	};

	test("counts what happened to the tasks of each queue, in the text format of Prometheus", async () => {
		const queue = unique("metrics");
		const hook = receiver.hook([reply(500)]);
		const task = await api.createTask({ queue, webhook_url: hook.url });
		await api.taskInStatus(task.id, "completed");

		const { status, type, text } = await scrape();
		expect({ status, type }).toStrictEqual({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
		for (const metric of ["created", "retried", "delivered"])
			expect(text).toContain(`\nasyncqueue_${metric}_total{queue="${queue}"} 1\n`);
		expect(text).toContain(`\nasyncqueue_duration_ms_count{queue="${queue}"} 2\n`);
		expect(text).toMatch(/^# TYPE asyncqueue_lag_ms histogram$/m);
	});

	test("shows counters at 0 before they count, or Prometheus would miss the first of what an alarm is for", async () => {
		const queue = unique("metrics");
		await api.createTask({ queue, webhook_url: receiver.hook().url, delay: 3_600 });

		const { text } = await scrape();
		expect(text).toContain(`\nasyncqueue_failed_total{queue="${queue}"} 0\n`);
		for (const metric of ["failed", "stalled", "faults"])
			expect(text).toMatch(new RegExp(`^asyncqueue_${metric}_total \\d+$`, "m"));
	});

	test("needs no key, and gives none away", async () => {
		expect((await scrape()).text).not.toContain(api.key ?? "no key");
	});

	test("is the only thing that can be done with it", async () => {
		const response = await fetch(new URL("/metrics", api.baseUrl), { method: "POST" });
		expect(response.status).toBe(405);
		expect(response.headers.get("allow")).toBe("GET");
		expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
	});
});
