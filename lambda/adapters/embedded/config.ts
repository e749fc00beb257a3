import * as z from "zod";
import { SECRET_PATTERN } from "../../core/api-key.ts";
import { type RequestLimit, RequestLimitText } from "../../core/request-limit.ts";
import { parseEnvironment } from "../environment.ts";

const EmbeddedConfig = z.object({
	PORT: z.coerce.number().int().min(0).max(65_535).default(3_000),
	HOST: z.string().min(1).default("127.0.0.1"),
	ASYNCQUEUE_DATA: z.string().min(1).default(".asyncqueue"),
	ASYNCQUEUE_API_KEY: z
		.string()
		.regex(SECRET_PATTERN, "must look like aq_live_ or aq_test_ and 24 to 128 letters, digits, - or _")
		.optional(),
	ASYNCQUEUE_ALLOW_PRIVATE: z.stringbool().default(true),
	ASYNCQUEUE_API_RATE_LIMIT: RequestLimitText.optional(),
	ASYNCQUEUE_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
});

/** Settings of the embedded server, each read from one environment variable. */
export type EmbeddedConfig = Readonly<{
	/** 0 picks a free port. */
	port: number;
	host: string;
	/** Folder of the database and the key file, or `:memory:`. */
	data: string;
	/** Preset API key; without it one is generated once and kept. */
	apiKey: string | undefined;
	/** Whether webhooks may use http and private addresses. */
	allowPrivateWebhooks: boolean;
	/** What each team may ask of the API; without it, as much as it likes. */
	apiRateLimit?: RequestLimit | undefined;
	logLevel: "debug" | "info" | "warn" | "error" | "silent";
}>;

/** Reads the environment once. Throws an Error that names every variable that is wrong. */
export const readEmbeddedConfig = (env: Readonly<Record<string, string | undefined>>): EmbeddedConfig => {
	const data = parseEnvironment(EmbeddedConfig, env);
	return {
		port: data.PORT,
		host: data.HOST,
		data: data.ASYNCQUEUE_DATA,
		apiKey: data.ASYNCQUEUE_API_KEY,
		allowPrivateWebhooks: data.ASYNCQUEUE_ALLOW_PRIVATE,
		apiRateLimit: data.ASYNCQUEUE_API_RATE_LIMIT,
		logLevel: data.ASYNCQUEUE_LOG_LEVEL,
	};
};
