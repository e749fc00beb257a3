import * as z from "zod";
import { ApiKeyMode } from "./api-key.ts";
import { InstantView } from "./instant.ts";

const shape = {
	id: z
		.string()
		.meta({ description: "Opaque; sorts by creation.", examples: ["key_01M84H3ZNHNV02RC6QCBQABY9T"] }),
	name: z.string().meta({ description: "What the key is for.", examples: ["checkout service"] }),
	mode: ApiKeyMode,
	created_at: InstantView.describe("When the key was created."),
};

/** A key as it is listed: never with its secret. */
export const ApiKeyView = z
	.strictObject({
		...shape,
		prefix: z
			.string()
			.meta({ description: "How the newest secret begins, to tell keys apart.", examples: ["aq_live_MDEy"] }),
		last_used_at: InstantView.describe("When the key was last used, to the minute.").optional(),
		revoked_at: InstantView.describe("When the key was revoked; absent while it is good.").optional(),
	})
	.describe("An API key, without its secret.");
export type ApiKeyView = z.infer<typeof ApiKeyView>;

/** Answer of `GET /v1/apikeys`. */
export const ApiKeyListView = z
	.strictObject({ api_keys: z.array(ApiKeyView).describe("Revoked ones too.") })
	.describe("All API keys of the team.");
export type ApiKeyListView = z.infer<typeof ApiKeyListView>;

/** A key with its secret: the only time that it is shown. */
export const IssuedKeyView = z
	.strictObject({
		...shape,
		key: z.string().meta({
			description: "The secret: sent with requests, and verifies signatures. It is not shown again.",
			examples: ["aq_live_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"],
		}),
	})
	.describe("An API key with its secret.");
export type IssuedKeyView = z.infer<typeof IssuedKeyView>;
