// biome-ignore-all lint/performance/noBarrelFile: the package's entry for receivers on Node.
export { verifyWebhook } from "../../receiver/verify-webhook.ts";
export * from "./edge.ts";
export { expressWebhook } from "./express-webhook.ts";
export { fastifyWebhook } from "./fastify-webhook.ts";
export { lambdaWebhook } from "./lambda-webhook.ts";
