// biome-ignore-all lint/performance/noBarrelFile: the package's entry for runtimes without Node's modules.
export {
	type VerifyOptions,
	type WebhookBody,
	type WebhookHeaders,
	type WebhookVerificationCode,
	WebhookVerificationError,
} from "../../receiver/verify-webhook.ts";
export { PayloadError, type StandardSchema } from "./standard-schema.ts";
export { verifyWebhookAsync } from "./verify-webhook-async.ts";
export { webhookHandler } from "./webhook-handler.ts";
export { NoRetryError, RetryLaterError } from "./webhook-refusal.ts";
export type { WebhookCall, WebhookHandler, WebhookOptions } from "./webhook-responder.ts";
