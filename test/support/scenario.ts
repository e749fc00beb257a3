import { randomUUID } from "node:crypto";
import { afterAll } from "vitest";
import type { ApiClient } from "./api-client.ts";
import { openTarget } from "./target.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";

/** A story's own name for a queue or a key: deployments remember the ones of earlier runs. */
export const unique = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

/** The target and the webhooks that the stories of one file share; closed after the last. */
export const openScenario = async (): Promise<{ api: ApiClient; receiver: WebhookReceiver }> => {
	const [target, receiver] = await Promise.all([openTarget(), WebhookReceiver.open()]);
	afterAll(async () => {
		await receiver.close();
		await target.close();
	});
	return { api: target.api, receiver };
};
