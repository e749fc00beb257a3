import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

/** Loopback is more than one address on Linux; elsewhere the others are not there to listen on. */
const OTHERS = ["127.0.0.2", "127.1.2.3", "127.255.255.254", "::1"];

const listenOn = async (address: string, port: number): Promise<Server> => {
	const server = createServer().listen(port, address);
	await once(server, "listening");
	return server;
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Servers that nobody should find: one port on many loopback addresses, and a count of who came. */
export type LoopbackListeners = Readonly<{
	addresses: readonly string[];
	port: number;
	accepted: () => number;
	close: () => void;
}>;

export const openLoopbackListeners = async (): Promise<LoopbackListeners> => {
	const first = await listenOn("127.0.0.1", 0);
	const port = portOf(first);
	const others = await Promise.allSettled(OTHERS.map((address) => listenOn(address, port)));
	const servers = [first, ...others.flatMap((other) => (other.status === "fulfilled" ? [other.value] : []))];
	let count = 0;
	for (const server of servers)
		server.on("connection", (socket) => {
			count += 1;
			socket.destroy();
		});
	return {
		addresses: servers.map((server) => (server.address() as AddressInfo).address),
		port,
		accepted: () => count,
		close: () => {
			for (const server of servers) server.close();
		},
	};
};
