import { once } from "node:events";
import { createServer } from "node:net";
import { constants } from "node:os";

/** An address that a socket of this process was told to connect to. */
export type Target = Readonly<{ address: string; port: number }>;

type Connect = (request: unknown, address: string, port: number) => number;

/** What all TCP sockets of Node, TLS ones included, hand their addresses to: below it is the operating system. */
type TcpHandle = { connect: Connect; connect6: Connect };

const CONNECTS = ["connect", "connect6"] as const;

const tcpHandlePrototype = async (): Promise<TcpHandle> => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const prototype = Object.getPrototypeOf(Reflect.get(server, "_handle"));
	server.close();
	return prototype;
};

const isLoopback = (address: string): boolean => /^127\.\d+\.\d+\.\d+$|^::1$/.test(address);

/**
 * Notes every TCP connection that this process tries to make, at the last place before the operating system. Only
 * loopback is really connected to. Everything else is refused, or led to a server on loopback that stands for it, so
 * nothing leaves the machine.
 */
export class ConnectionWatch {
	readonly targets: Target[] = [];
	readonly #stand = new Map<string, number>();
	#restore: () => void = () => {};

	static async open(): Promise<ConnectionWatch> {
		const watch = new ConnectionWatch();
		const prototype = await tcpHandlePrototype();
		const { connect } = prototype;
		const originals = CONNECTS.map((name) => [name, prototype[name]] as const);
		for (const [name, original] of originals) prototype[name] = watch.#watched(original, connect);
		watch.#restore = () => {
			for (const [name, original] of originals) prototype[name] = original;
		};
		return watch;
	}

	/** From now on a server on 127.0.0.1 stands for this address, whatever the port. */
	standIn(address: string, localPort: number): void {
		this.#stand.set(address, localPort);
	}

	/** Takes out what was noted so far. */
	take(): Target[] {
		return this.targets.splice(0);
	}

	close(): void {
		this.#restore();
	}

	#watched(original: Connect, toIpv4: Connect): Connect {
		const { targets } = this;
		const stand = this.#stand;
		return function (this: unknown, request, address, port) {
			targets.push({ address, port });
			const localPort = stand.get(address);
			if (localPort !== undefined) return toIpv4.call(this, request, "127.0.0.1", localPort);
			return isLoopback(address)
				? original.call(this, request, address, port)
				: -constants.errno.ECONNREFUSED;
		};
	}
}
