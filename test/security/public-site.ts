import { once } from "node:events";
import { createServer as createPlainServer, type RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSignedCertificate } from "../contract/webhook-client-certificate.ts";

/** Servers on loopback that stand for a site on the internet: `*.public.test`, over https and over http. */
export type PublicSite = Readonly<{ securePort: number; plainPort: number; ca: string; close: () => void }>;

export const openPublicSite = async (listener: RequestListener): Promise<PublicSite> => {
	const certificate = selfSignedCertificate("*.public.test");
	const servers = [createServer(certificate, listener), createPlainServer(listener)];
	const [securePort = 0, plainPort = 0] = await Promise.all(
		servers.map(async (server) => {
			server.listen(0, "127.0.0.1");
			await once(server, "listening");
			return (server.address() as AddressInfo).port;
		}),
	);
	const close = () => {
		for (const server of servers) {
			server.closeAllConnections();
			server.close();
		}
	};
	return { securePort, plainPort, ca: certificate.cert, close };
};
