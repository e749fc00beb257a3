import * as z from "zod";

const MAX_URL_LENGTH = 2_048;

/** What is wrong with the form of a webhook URL, or undefined. Where it points to is `webhookAddressFault`'s concern. */
const urlFault = (text: string): string | undefined => {
	const url = URL.parse(text);
	if (!url || !/^https?:\/\//i.test(text)) return "must be an absolute http or https URL";
	if (url.username || url.password) return "must not contain a user name or password";
	return undefined;
};

/** An absolute http(s) URL of at most 2,048 characters, without user info. */
export const WebhookUrl = z
	.string()
	.max(MAX_URL_LENGTH, `must be at most ${MAX_URL_LENGTH} characters`)
	.superRefine((text, context) => {
		const message = urlFault(text);
		if (message) context.addIssue({ code: "custom", message });
	})
	.meta({
		description:
			"Where the task is POSTed: an absolute https URL (http only where the deployment allows it).",
		format: "uri",
		examples: ["https://example.com/hooks/asyncqueue"],
	});
