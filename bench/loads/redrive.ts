import { ApiClient } from "../../test/support/api-client.ts";
import { newApiKey, startServer } from "../../test/support/server-process.ts";
import { makeTemporaryFolder } from "../../test/support/temporary-folder.ts";
import { Connections } from "../connections.ts";
import type { Figures } from "../figures.ts";
import { SlowReceiver } from "../slow-receiver.ts";

const TASKS = 10_000;
const BATCH = 100;
const QUEUE = "/v1/queues/failing";

type JobView = Readonly<{ id: string; status: string; changed: number }>;
type CountsView = Readonly<{ counts: { failed: { count: number } } }>;

type Server = Awaited<ReturnType<typeof startServer>>;

const failAll = async ({ url, pid, readyMs }: Server, apiKey: string, receiver: SlowReceiver) => {
	const connections = new Connections({ url, pid, readyMs, apiKey, end: async () => undefined }, 4);
	const bodies = Array.from({ length: TASKS / BATCH }, (_, batch) => {
		const task = (n: number) => ({
			queue: "failing",
			webhook_url: receiver.urlFor("a", 0),
			payload: { n },
			max_retries: 0,
		});
		return JSON.stringify({ tasks: Array.from({ length: BATCH }, (__, n) => task(batch * BATCH + n)) });
	});
	await connections.postAll(bodies, "/v1/tasks/batch", 200);
	await connections.close();
	await receiver.total("a", TASKS);
};

const poll = async <View>(api: ApiClient, path: string, isEnough: (view: View) => boolean): Promise<View> => {
	for (;;) {
		const view = await api.expectCall<View>(200, "GET", path);
		if (isEnough(view)) return view;
	}
};

/**
 * 10,000 failed tasks are redriven; SIGKILL half-way, restart on the same folder. The queue is paused meanwhile, so
 * that the calls that follow tell what the job did and nothing else.
 */
export const redrive = async (): Promise<Figures> => {
	const folder = makeTemporaryFolder("redrive");
	const apiKey = newApiKey();
	const receiver = await SlowReceiver.open();
	receiver.status = 500;
	const first = await startServer({ dataDir: folder.path, apiKey });
	const api = new ApiClient(first.url, apiKey);
	await failAll(first, apiKey, receiver);
	await poll<CountsView>(api, QUEUE, ({ counts }) => counts.failed.count === TASKS);
	receiver.status = 200;
	await api.expectCall(200, "POST", `${QUEUE}/pause`);
	const startedAt = performance.now();
	const { id } = await api.expectCall<JobView>(202, "POST", `${QUEUE}/redrive`);
	const half = await poll<JobView>(api, `${QUEUE}/jobs/${id}`, ({ changed }) => changed >= TASKS / 2);
	await first.kill();
	await api.close();

	const second = await startServer({ dataDir: folder.path, apiKey });
	const again = new ApiClient(second.url, apiKey);
	const job = await poll<JobView>(again, `${QUEUE}/jobs/${id}`, ({ status }) => status === "finished");
	const seconds = (performance.now() - startedAt) / 1_000;
	await again.expectCall(200, "POST", `${QUEUE}/resume`);
	const { calls } = receiver.of("a");
	await receiver.until("all tasks were called again", () => [...calls.values()].every((count) => count > 1));
	await again.close();
	await second.stop();
	receiver.close();
	folder.remove();
	return {
		redriveKilledAt: half.changed,
		redriveCounted: job.changed,
		redriveNotTwice: [...calls.values()].filter((count) => count !== 2).length,
		redriveSeconds: seconds,
	};
};
