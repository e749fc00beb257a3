import { createSocket, type Socket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet } from "dns-packet";

/** Addresses for the first, second … query of a type; the last are repeated. */
type Answers = readonly (readonly string[])[];

/** What a name server says of one name. */
export type NameRecords = Readonly<{
	A?: Answers;
	AAAA?: Answers;
	CNAME?: string;
	/** Queries of this type are never answered. */
	silent?: "A" | "AAAA";
}>;

type AddressType = "A" | "AAAA";
type Query = Readonly<{ id: number | undefined; name: string; type: AddressType }>;

/** Longer than a name server on loopback takes, short enough to wait for one that is silent. */
const PATIENCE = { timeout: 400, tries: 2 };
const NO_SUCH_NAME = 3;

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** A name server on loopback that knows what it is told, and remembers what it was asked. */
export class NameServer {
	readonly queries: Query[] = [];
	readonly #socket: Socket = createSocket("udp4");
	readonly #records = new Map<string, NameRecords>();

	static async open(records: Readonly<Record<string, NameRecords>> = {}): Promise<NameServer> {
		const server = new NameServer();
		for (const [name, known] of Object.entries(records)) server.#records.set(plain(name), known);
		server.#socket.on("message", (message, { port, address }) => {
			const response = server.#answer(decode(message));
			if (response) server.#socket.send(encode(response), port, address);
		});
		server.#socket.bind(0, "127.0.0.1");
		await once(server.#socket, "listening");
		return server;
	}

	/** A resolver that asks nobody else. */
	resolver(): Resolver {
		const resolver = new Resolver(PATIENCE);
		resolver.setServers([`127.0.0.1:${this.#socket.address().port}`]);
		return resolver;
	}

	/** How often each type of a name was asked for. */
	asked(name: string, type: AddressType): number {
		return this.queries.filter((query) => query.name === plain(name) && query.type === type).length;
	}

	close(): void {
		this.#socket.close();
	}

	#answer({ id, questions = [] }: Packet): Packet | undefined {
		const [question] = questions;
		if (!question || (question.type !== "A" && question.type !== "AAAA")) return undefined;
		const name = plain(question.name);
		this.#note({ id, name, type: question.type });
		const records = this.#records.get(name);
		if (records?.silent === question.type) return undefined;
		return {
			...(id === undefined ? {} : { id }),
			type: "response",
			flags: AUTHORITATIVE_ANSWER | (records ? 0 : NO_SUCH_NAME),
			questions,
			answers: this.#found(question.name, question.type),
		};
	}

	/** A query that is sent again, because the machine is slow, is the same query. */
	#note(query: Query): void {
		const isKnown = this.queries.some(({ id, name }) => id === query.id && name === query.name);
		if (!isKnown) this.queries.push(query);
	}

	/** The records of a name, behind the aliases that lead to them. */
	#found(name: string, type: AddressType): Answer[] {
		const { CNAME, [type]: answers = [] } = this.#records.get(plain(name)) ?? {};
		if (CNAME) return [{ type: "CNAME", name, ttl: 0, data: CNAME }, ...this.#found(CNAME, type)];
		const turn = Math.min(this.asked(name, type), answers.length) - 1;
		return (answers[Math.max(turn, 0)] ?? []).map((data) => ({ type, name, ttl: 0, data }));
	}
}
