import type { ApiClient } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import type { JobView, QueueSettingsBody, QueueView } from "./wire-format.ts";

type Settings = Partial<QueueSettingsBody>;

/** What stories do with whole queues. */
export const queueStories = (api: ApiClient) => ({
	configure: (name: string, settings: Settings): Promise<QueueView> =>
		api.expectCall<QueueView>(200, "PUT", `/v1/queues/${name}`, { json: settings }),
	patch: (name: string, settings: Settings): Promise<QueueView> =>
		api.expectCall<QueueView>(200, "PATCH", `/v1/queues/${name}`, { json: settings }),
	pause: (name: string): Promise<QueueView> =>
		api.expectCall<QueueView>(200, "POST", `/v1/queues/${name}/pause`),
	resume: (name: string): Promise<QueueView> =>
		api.expectCall<QueueView>(200, "POST", `/v1/queues/${name}/resume`),
	show: (name: string): Promise<QueueView> => api.expectCall<QueueView>(200, "GET", `/v1/queues/${name}`),

	/** Starts a bulk job and gives it back when it is finished. */
	finishedJob: async (
		method: "POST" | "DELETE",
		path: string,
		json?: Readonly<Record<string, unknown>>,
	): Promise<JobView> => {
		const begun = await api.call<JobView>(method, path, json ? { json } : {});
		if (begun.status !== 202) throw new Error(`${path}: ${begun.status}: ${JSON.stringify(begun.body)}`);
		const location = String(begun.headers["location"]);
		return eventually(`${begun.body.kind} job to finish`, async () => {
			const job = await api.expectCall<JobView>(200, "GET", location);
			return job.status === "finished" ? job : undefined;
		});
	},
});
