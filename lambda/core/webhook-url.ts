import * as z from "zod";

const MAX_URL_LENGTH = 2_048;

/** What RFC 3986 has no place for and parsers disagree about: some skip it, for some the host ends there. */
const AMBIGUOUS = /[\p{Cc}\\]/u;

/** What is wrong with the form of a webhook URL, or undefined. Where it points to is `webhookAddressFault`'s concern. */
const urlFault = (text: string): string | undefined => {
	const url = URL.parse(text);
	if (!url || !/^https?:\/\//i.test(text)) return "must be an absolute http or https URL";
	if (AMBIGUOUS.test(text)) return "must not contain backslashes, tabs or other control characters";
	// URL replaces half a surrogate pair, so what is called would not be what was asked for.
	if (!text.isWellFormed()) return "must be well-formed Unicode";
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
		examples: ["https://example.com/hooks/asyncqueue"],
	});
