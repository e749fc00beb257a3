import * as z from "zod";
import { type AddressPolicy, addressPolicy } from "../../core/address-policy.ts";
import { SECRET_PATTERN } from "../../core/api-key.ts";
import { CidrList } from "../../core/cidr.ts";
import { BAD_PORTS, PortList } from "../../core/denied-ports.ts";
import { type RequestLimit, RequestLimitText } from "../../core/request-limit.ts";
import { parseEnvironment } from "../environment.ts";

const PORT_FAULT = "must be a whole number from 0 to 65535";

/** Not `z.coerce`: an empty text, as a script makes of a variable that it does not have, would be port 0. */
const Port = z
	.string()
	.regex(/^\d{1,5}$/, PORT_FAULT)
	.transform(Number)
	.pipe(z.number().max(65_535, PORT_FAULT));

const EmbeddedEnvironment = z.looseObject({
	PORT: Port.default(3_000),
	HOST: z.string().min(1).default("127.0.0.1"),
	ASYNCQUEUE_DATA: z.string().min(1).default(".asyncqueue"),
	ASYNCQUEUE_API_KEY: z
		.string()
		.regex(SECRET_PATTERN, "must look like aq_live_ or aq_test_ and 24 to 128 letters, digits, - or _")
		.optional(),
	ASYNCQUEUE_ALLOW_PRIVATE: z.stringbool().default(true),
	ASYNCQUEUE_ALLOW_CIDRS: CidrList.optional(),
	ASYNCQUEUE_DENY_PORTS: PortList.default(BAD_PORTS),
	ASYNCQUEUE_API_RATE_LIMIT: RequestLimitText.optional(),
	ASYNCQUEUE_METRICS: z.stringbool().optional(),
	ASYNCQUEUE_DEV: z.stringbool().optional(),
	ASYNCQUEUE_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
});

/** Where the server is: for its clients. */
const CLIENTS_VARIABLE = "ASYNCQUEUE_URL";

/** A mistyped name must not leave open what it was to close. */
const isMistyped = (name: string): boolean =>
	name.startsWith("ASYNCQUEUE_") && name !== CLIENTS_VARIABLE && !(name in EmbeddedEnvironment.shape);

/** Whoever names networks means to keep to them. */
const EmbeddedConfig = EmbeddedEnvironment.superRefine((env, context) => {
	for (const name of Object.keys(env).filter(isMistyped))
		context.addIssue({ code: "custom", path: [name], message: "is no setting of this server" });
}).refine(
	({ ASYNCQUEUE_ALLOW_PRIVATE, ASYNCQUEUE_ALLOW_CIDRS }) =>
		!(ASYNCQUEUE_ALLOW_PRIVATE && ASYNCQUEUE_ALLOW_CIDRS),
	{
		path: ["ASYNCQUEUE_ALLOW_CIDRS"],
		error: "means nothing while all addresses are allowed; set ASYNCQUEUE_ALLOW_PRIVATE=false as well",
	},
);

/** In a network that is allowed there may be this very server: it is not to call itself. */
const policyOf = (data: z.infer<typeof EmbeddedConfig>): AddressPolicy => {
	const allowedCidrs = data.ASYNCQUEUE_ALLOW_CIDRS ?? [];
	const own = allowedCidrs.length > 0 ? [data.PORT] : [];
	return addressPolicy({
		allowPrivate: data.ASYNCQUEUE_ALLOW_PRIVATE,
		allowedCidrs,
		deniedPorts: [...data.ASYNCQUEUE_DENY_PORTS, ...own],
	});
};

/** Settings of the embedded server, each read from one environment variable. */
export type EmbeddedConfig = Readonly<{
	/** 0 picks a free port. */
	port: number;
	host: string;
	/** Folder of the database and the key file, or `:memory:`. */
	data: string;
	/** Preset API key; without it one is generated once and kept. */
	apiKey: string | undefined;
	addressPolicy: AddressPolicy;
	/** What each team may ask of the API; without it, as much as it likes. */
	apiRateLimit?: RequestLimit | undefined;
	/** Whether `GET /metrics` is answered, to anybody who can reach the server. */
	metrics: boolean;
	/** Whether there are the tools of a development server under `/dev/`, for everybody who reaches it. */
	dev: boolean;
	logLevel: "debug" | "info" | "warn" | "error" | "silent";
}>;

/**
 * Whether only this machine reaches the server (RFC 6761, RFC 1122, RFC 4291). Where others do, it gives away no names
 * of queues and has no tools of development unless somebody wants them.
 */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);

/** Reads the environment once. Throws an Error that names every variable that is wrong. */
export const readEmbeddedConfig = (env: Readonly<Record<string, string | undefined>>): EmbeddedConfig => {
	const data = parseEnvironment(EmbeddedConfig, env);
	return {
		port: data.PORT,
		host: data.HOST,
		data: data.ASYNCQUEUE_DATA,
		apiKey: data.ASYNCQUEUE_API_KEY,
		addressPolicy: policyOf(data),
		apiRateLimit: data.ASYNCQUEUE_API_RATE_LIMIT,
		metrics: data.ASYNCQUEUE_METRICS ?? isLoopback(data.HOST),
		dev: data.ASYNCQUEUE_DEV ?? isLoopback(data.HOST),
		logLevel: data.ASYNCQUEUE_LOG_LEVEL,
	};
};
