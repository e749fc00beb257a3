import { NewApiKey, RotateApiKey } from "../core/api-key.ts";
import { ApiKeyListView, IssuedKeyView } from "../core/api-key-view.ts";
import type { OperationDescription } from "./operation-description.ts";

/** What there is to say about the operations on API keys. */
export const apiKeyOperations = {
	listApiKeys: {
		tag: "API keys",
		summary: "List API keys",
		description: "All keys of the team, without their secrets.",
		answers: { 200: { description: "The keys.", schema: ApiKeyListView } },
	},
	createApiKey: {
		tag: "API keys",
		summary: "Create an API key",
		description: "The secret, `key`, is shown this once.",
		body: {
			schema: NewApiKey,
			examples: {
				live: { summary: "A key that runs tasks", value: { name: "checkout service" } },
				test: {
					summary: "A key whose tasks never call anybody",
					value: { name: "integration tests", mode: "test" },
				},
			},
		},
		answers: { 201: { description: "The key with its secret.", schema: IssuedKeyView } },
	},
	revokeApiKey: {
		tag: "API keys",
		summary: "Revoke an API key",
		description:
			"Within 60 s the key is refused everywhere. Tasks that it created are still delivered, signed with it.",
		answers: { 204: { description: "It is revoked." } },
		errors: ["api_key_not_found"],
	},
	rotateApiKey: {
		tag: "API keys",
		summary: "Give an API key a new secret",
		description:
			"The old secret keeps working, and signs webhooks beside the new one, until the overlap ends.",
		body: {
			schema: RotateApiKey,
			examples: {
				day: { summary: "The old secret works for a day more", value: {} },
				leaked: { summary: "The old secret ends at once", value: { overlap_seconds: 0 } },
			},
		},
		answers: { 200: { description: "The key with its new secret.", schema: IssuedKeyView } },
		errors: ["api_key_not_found", "api_key_revoked", "too_many_secrets"],
	},
} as const satisfies Record<string, OperationDescription>;
