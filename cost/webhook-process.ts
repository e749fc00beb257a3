import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type WebhookProcess = Readonly<{ origin: string; stop: () => Promise<void> }>;

/** Starts a webhook receiver that answers like a customer's. It does not outlive this process. */
export const startWebhooks = async (): Promise<WebhookProcess> => {
	const child = fork(fileURLToPath(new URL("webhook.ts", import.meta.url)));
	const [port] = await once(child, "message");
	const stop = async () => {
		const exited = once(child, "exit");
		child.disconnect();
		await exited;
	};
	return { origin: `http://127.0.0.1:${port}`, stop };
};
