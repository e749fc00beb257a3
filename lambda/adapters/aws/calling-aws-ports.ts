import type { Ports } from "../../ports.ts";
import { UndiciWebhookClient } from "../http/undici-webhook-client.ts";
import { awsPorts } from "./aws-ports.ts";
import type { AwsClients } from "./clients.ts";
import type { AwsConfig } from "./config.ts";

/** The AWS world of the functions that call webhooks. */
export const callingAwsPorts = (config: AwsConfig, clients?: AwsClients): Ports => {
	const webhooks = new UndiciWebhookClient({ addressPolicy: config.addressPolicy });
	return awsPorts(config, { webhooks, ...(clients && { clients }) });
};
