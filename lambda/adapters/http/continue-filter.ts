import type { Socket } from "node:net";

const CONTINUE = "HTTP/1.1 100";
const HEAD_END = "\r\n\r\n";
const MAX_HELD_BYTES = 16_384;

const mayBeContinue = (bytes: Buffer): boolean =>
	CONTINUE.startsWith(bytes.toString("latin1", 0, CONTINUE.length));

/**
 * Takes `100 Continue` out of what a socket's reader sees, and knows whether the other side has said anything yet.
 *
 * undici takes a 100 that it did not ask for as a protocol error; RFC 9110 §15.2 tells clients to skip it, and some
 * servers and proxies send it for every POST. Other 1xx answers are undici's to skip.
 */
export class ContinueFilter {
	#isExpecting = false;
	#isSilent = false;
	#held: Buffer | undefined;

	constructor(socket: Socket) {
		const read = socket.read.bind(socket);
		socket.read = (size?: number) => {
			const chunk: Buffer | null = read(size);
			return chunk === null || !this.#isExpecting ? chunk : this.#withoutContinue(chunk);
		};
	}

	/** A request was sent: what comes next is the start of an answer. */
	expectAnswer(): void {
		this.#isExpecting = true;
		this.#isSilent = true;
	}

	/** True while no byte has come back for the request. */
	get isSilent(): boolean {
		return this.#isSilent;
	}

	#withoutContinue(chunk: Buffer): Buffer | null {
		this.#isSilent = false;
		let rest = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
		this.#held = undefined;
		while (mayBeContinue(rest) && rest.length < MAX_HELD_BYTES) {
			const end = rest.indexOf(HEAD_END);
			if (end === -1) {
				this.#held = rest;
				return null;
			}
			rest = rest.subarray(end + HEAD_END.length);
		}
		this.#isExpecting = false;
		return rest;
	}
}
