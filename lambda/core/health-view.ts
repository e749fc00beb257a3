import * as z from "zod";

/** Answer of `GET /health`. */
export const HealthView = z
	.strictObject({
		status: z.literal("ok").describe("The API answers."),
		version: z.string().meta({ description: "The version that is deployed.", examples: ["0.1.0"] }),
	})
	.describe("Whether the API is up.");
export type HealthView = z.infer<typeof HealthView>;
