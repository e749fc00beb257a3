import type { RequestListener } from "node:http";
import { dnsLookup } from "../../lambda/adapters/http/judged-lookup.ts";
import { UndiciWebhookClient } from "../../lambda/adapters/http/undici-webhook-client.ts";
import type { AddressPolicy } from "../../lambda/core/address-policy.ts";
import { ConnectionWatch } from "../support/connection-watch.ts";
import { NameServer } from "../support/name-server.ts";
import { PUBLIC } from "./hostile-names.ts";
import { type LoopbackListeners, openLoopbackListeners } from "./loopback-listeners.ts";
import { openPublicSite, type PublicSite } from "./public-site.ts";
import { SSRF_ZONE } from "./ssrf-corpus.ts";

/** An address of the network that some tests allow. */
export const IN_ALLOWED_NETWORK = "10.1.2.3";

/** Names besides the corpus's. */
const MORE_NAMES = {
	"public.test": { A: [[PUBLIC.one]] },
	"site.public.test": { A: [[PUBLIC.one]], AAAA: [[PUBLIC.v6]] },
	"once.public.test": { A: [[PUBLIC.one], ["127.0.0.1"]] },
	"service.public.test": { A: [[IN_ALLOWED_NETWORK]] },
	"half-allowed.public.test": { A: [[IN_ALLOWED_NETWORK, "10.2.0.1"]] },
} as const;

const PUBLIC_ADDRESSES: readonly string[] = Object.values(PUBLIC);

/** Name servers, a public site and this machine's own servers, all on loopback, and a watch over who connects. */
export type HostileInternet = Readonly<{
	watch: ConnectionWatch;
	names: NameServer;
	site: PublicSite;
	local: LoopbackListeners;
	/** The product's client, which resolves names with these name servers. */
	client: (addressPolicy: AddressPolicy) => UndiciWebhookClient;
	/** Connections since the last time to anything but the public site; each is `address:port`. */
	breaches: () => string[];
	close: () => Promise<void>;
}>;

/** `answer` is how the public site answers. */
export const openHostileInternet = async (answer: RequestListener): Promise<HostileInternet> => {
	const names = await NameServer.open({ ...SSRF_ZONE, ...MORE_NAMES });
	const [site, local] = await Promise.all([openPublicSite(answer), openLoopbackListeners()]);
	const watch = await ConnectionWatch.open();
	for (const address of PUBLIC_ADDRESSES) watch.standIn(address, site.securePort);
	watch.standIn(IN_ALLOWED_NETWORK, site.plainPort);
	const clients: UndiciWebhookClient[] = [];
	return {
		watch,
		names,
		site,
		local,
		client: (addressPolicy) => {
			const lookup = dnsLookup(names.resolver());
			const client = new UndiciWebhookClient({ addressPolicy, lookup, ca: site.ca });
			clients.push(client);
			return client;
		},
		breaches: () =>
			watch
				.take()
				.filter(({ address }) => !PUBLIC_ADDRESSES.includes(address))
				.map(({ address, port }) => `${address}:${port}`),
		close: async () => {
			await Promise.all(clients.map((client) => client.close()));
			watch.close();
			names.close();
			site.close();
			local.close();
		},
	};
};
