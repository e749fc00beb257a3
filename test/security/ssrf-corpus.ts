import type { CallFailure } from "../../lambda/core/delivery-outcome.ts";
import type { NameRecords } from "../support/name-server.ts";
import { CLOSED_HOSTS, type HostileHost, PRIVATE_HOSTS } from "./hostile-addresses.ts";
import {
	AMBIGUOUS,
	DENIED_PORTS,
	DISGUISED,
	type HostileForm,
	NOT_URLS,
	PLAIN,
	WITH_USERINFO,
} from "./hostile-forms.ts";
import {
	CLOSED_NAMES,
	type HostileName,
	PRIVATE_NAMES,
	REBINDING_NAMES,
	UNKNOWN_NAMES,
} from "./hostile-names.ts";

/** A URL that wants a deployment which calls the public internet only to connect to something else. */
export type HostileUrl = Readonly<{
	name: string;
	url: string;
	why: string;
	/** What name servers say of its host. */
	dns?: NameRecords;
	/** What its creator is told; without it the task is accepted. */
	fault?: string;
	/** How its attempt ends, when the task was accepted. */
	failure?: CallFailure;
	/** No network that is allowed may open it. */
	isClosed?: boolean;
}>;

type Expected = Pick<HostileUrl, "fault" | "failure" | "isClosed">;

const NO_URL = "must be an absolute http or https URL";
const NOT_PUBLIC = "must point to a public address";

const urlAt = (host: string): string => `https://${host}/hook`;

const forms = (kind: string, items: readonly HostileForm[], expected: Expected): HostileUrl[] =>
	items.map(([url, why]) => ({ name: `${kind}: ${JSON.stringify(url)}`, url, why, ...expected }));

const hosts = (kind: string, items: readonly HostileHost[], expected: Expected): HostileUrl[] =>
	items.map(([host, why]) => ({ name: `${kind}: ${host}`, url: urlAt(host), why, ...expected }));

const names = (kind: string, items: readonly HostileName[], expected: Expected): HostileUrl[] =>
	items.map(([host, dns, why]) => ({ name: `${kind}: ${host}`, url: urlAt(host), why, dns, ...expected }));

export const SSRF_CORPUS: readonly HostileUrl[] = [
	...hosts("closed address", CLOSED_HOSTS, { fault: NOT_PUBLIC, isClosed: true }),
	...hosts("private address", PRIVATE_HOSTS, { fault: NOT_PUBLIC }),
	...forms("no webhook", NOT_URLS, { fault: NO_URL }),
	...forms("userinfo", WITH_USERINFO, { fault: "must not contain a user name or password" }),
	...forms("ambiguous", AMBIGUOUS, {
		fault: "must not contain backslashes, tabs or other control characters",
	}),
	...forms("disguised", DISGUISED, { fault: NOT_PUBLIC, isClosed: true }),
	...forms("plain", PLAIN, { fault: "must use https" }),
	...DENIED_PORTS.map(([url, port, why]) => ({
		name: `port: ${url}`,
		url,
		why,
		fault: `must not use port ${port}`,
	})),
	...names("closed name", CLOSED_NAMES, { failure: "blocked_address", isClosed: true }),
	...names("private name", PRIVATE_NAMES, { failure: "blocked_address" }),
	...names("unknown name", UNKNOWN_NAMES, { failure: "dns_error" }),
	...names("rebinding name", REBINDING_NAMES, { failure: "blocked_address" }),
];

/** The zone that the corpus's name servers know. */
export const SSRF_ZONE: Readonly<Record<string, NameRecords>> = Object.fromEntries(
	SSRF_CORPUS.flatMap(({ url, dns }) => (dns ? [[new URL(url).hostname, dns] as const] : [])),
);
