import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { ResponseReader, type WireResponse } from "./wire-response.ts";

/** Longer than any time limit of the server: a response that takes longer never comes. */
const GIVE_UP_MS = 45_000;

/** One thing that a client does on its connection. */
export type Step =
	| Readonly<{ send: string | Uint8Array }>
	/** Waits until so many responses have come, interim ones not counted. */
	| Readonly<{ await: number }>
	/** Sends one byte of it at a time, `everyMs`, until all is sent or the server has closed. */
	| Readonly<{ dribble: string; everyMs: number }>
	/** Says that nothing more will be sent, and goes on reading. */
	| Readonly<{ halfClose: true }>
	/** Cuts the connection off. */
	| Readonly<{ reset: true }>;

export type Exchange = Readonly<{
	responses: readonly WireResponse[];
	/** The server ended the connection. */
	closed: boolean;
	/** Bytes at the end that belong to no response. */
	isClean: boolean;
}>;

/** A connection of which every byte is decided by its user. */
class RawConnection {
	readonly socket: Socket;
	readonly reader = new ResponseReader();
	readonly responses: WireResponse[] = [];
	ended = false;
	failure: Error | undefined;
	#changed = Promise.withResolvers<void>();

	constructor(port: number) {
		this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
		const end = () => {
			this.ended = true;
			this.#notify();
		};
		this.socket.on("data", (chunk: Buffer) => this.#take(chunk));
		this.socket.on("error", end).on("end", end).on("close", end);
	}

	/** Resolves when it holds, when the server has closed, or rejects after `GIVE_UP_MS`. */
	async until(holds: () => boolean): Promise<void> {
		const giveUp = setTimeout(() => {
			this.failure ??= new Error(`No answer within ${GIVE_UP_MS / 1_000} s`);
			this.#notify();
		}, GIVE_UP_MS);
		while (!holds() && !this.ended && !this.failure) await this.#changed.promise;
		clearTimeout(giveUp);
		if (this.failure) throw this.failure;
	}

	write(data: string | Uint8Array): void {
		if (!this.socket.writable) return;
		this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
	}

	close(): void {
		this.socket.destroy();
	}

	#take(chunk: Buffer): void {
		try {
			this.responses.push(...this.reader.feed(chunk));
		} catch (error) {
			this.failure = error as Error;
		}
		this.#notify();
	}

	#notify(): void {
		this.#changed.resolve();
		this.#changed = Promise.withResolvers();
	}
}

const dribble = async (connection: RawConnection, text: string, everyMs: number): Promise<void> => {
	for (const character of text) {
		if (connection.ended || connection.responses.length > 0) return;
		connection.write(character);
		await pause(everyMs);
	}
};

const take = async (connection: RawConnection, step: Step): Promise<void> => {
	if ("send" in step) connection.write(step.send);
	else if ("await" in step) await connection.until(() => connection.responses.length >= step.await);
	else if ("dribble" in step) await dribble(connection, step.dribble, step.everyMs);
	else if ("halfClose" in step) connection.socket.end();
	else connection.socket.resetAndDestroy();
};

/** Does all steps on a connection of its own, waits for `count` responses, and for the close if it `closes`. */
export const exchange = async (
	port: number,
	steps: readonly Step[],
	{ count, closes }: Readonly<{ count: number; closes: boolean }>,
): Promise<Exchange> => {
	const connection = new RawConnection(port);
	try {
		for (const step of steps) await take(connection, step);
		if (!steps.some((step) => "reset" in step)) {
			await connection.until(() => connection.responses.length >= count);
			if (closes) await connection.until(() => false);
		}
		const { responses, ended, reader } = connection;
		return { responses: [...responses], closed: ended, isClean: reader.isClean };
	} finally {
		connection.close();
	}
};

/** A kept-alive connection that sends one request after the other, and is opened again after the server closed it. */
export class KeptConnection {
	readonly #port: number;
	#connection: RawConnection | undefined;

	constructor(port: number) {
		this.#port = port;
	}

	/** The answer to one request. Rejects when there is none, or more than that. */
	async send(bytes: Uint8Array, method: string): Promise<WireResponse> {
		if (!this.#connection || this.#connection.ended) this.#connection = new RawConnection(this.#port);
		const connection = this.#connection;
		connection.reader.expect(method);
		connection.write(bytes);
		await connection.until(() => connection.responses.length > 0);
		const [response, ...more] = connection.responses.splice(0);
		if (response?.headers["connection"] === "close") this.close();
		if (response && more.length === 0) return response;
		this.close();
		throw new Error(
			response ? `${more.length} answers too many` : "The connection was closed without an answer",
		);
	}

	close(): void {
		this.#connection?.close();
		this.#connection = undefined;
	}
}
