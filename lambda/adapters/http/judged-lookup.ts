import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import type { LookupFunction } from "node:net";

/** Why a name was not connected to. */
export class LookupError extends Error {
	override readonly name = "LookupError";
	readonly failure: "dns_error" | "blocked_address";

	constructor(failure: "dns_error" | "blocked_address", cause?: unknown) {
		super(failure, { cause });
		this.failure = failure;
	}
}

/**
 * A lookup whose every answer must be allowed. The socket connects to the very addresses that were judged, so a name
 * that resolves differently the next moment (DNS rebinding) gains nothing.
 */
export const judgedLookup =
	(lookup: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction =>
	(hostname, options, callback) => {
		lookup(hostname, { ...options, all: true }, (error, answer, family = 4) => {
			const addresses = typeof answer === "string" ? [{ address: answer, family }] : (answer ?? []);
			if (error || addresses.length === 0) callback(new LookupError("dns_error", error), []);
			else if (addresses.every(({ address }) => isAllowed(address))) callback(null, addresses);
			else callback(new LookupError("blocked_address"), []);
		});
	};

const answers = (result: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] =>
	result.status === "fulfilled" ? result.value.map((address) => ({ address, family })) : [];

/**
 * Resolves names by asking DNS servers directly. `dns.lookup` would do it in libuv's four threads, where four names
 * whose servers never answer stop everybody's calls; it would also read `/etc/hosts`, which is not for strangers.
 */
export const dnsLookup =
	(resolver = new Resolver({ timeout: 2_000, tries: 2 })): LookupFunction =>
	async (hostname, _options, callback) => {
		const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
		const addresses = [...answers(v4, 4), ...answers(v6, 6)];
		const error = v4.status === "rejected" && addresses.length === 0 ? v4.reason : null;
		callback(error, addresses);
	};
