import { ApiClient } from "./api-client.ts";
import { newApiKey, startServer } from "./server-process.ts";

/** An AsyncQueue that stories are told to, wherever it runs. */
export type Target = Readonly<{ api: ApiClient; close(): Promise<void> }>;

/**
 * True when the suite runs against a deployment: `ASYNCQUEUE_URL` and `ASYNCQUEUE_API_KEY` are both set.
 * It has to reach webhooks on this machine's loopback, as one on an AWS emulator does.
 */
export const isDeployment: boolean =
	process.env["ASYNCQUEUE_URL"] !== undefined && process.env["ASYNCQUEUE_API_KEY"] !== undefined;

/** The deployment named by the environment, or else a new embedded server with empty memory. */
export const openTarget = async (): Promise<Target> => {
	if (isDeployment) {
		const api = new ApiClient(process.env["ASYNCQUEUE_URL"] ?? "", process.env["ASYNCQUEUE_API_KEY"]);
		return { api, close: () => api.close() };
	}
	const apiKey = newApiKey();
	const server = await startServer({ dataDir: ":memory:", apiKey });
	const api = new ApiClient(server.url, apiKey);
	const close = async () => {
		await api.close();
		await server.stop();
	};
	return { api, close };
};
