import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { AsyncQueueError } from "../lambda/core/errors.ts";
import type { HttpLimits } from "./http-limits.ts";

/** A body as API Gateway hands it over: what is no text as base64. */
export type RequestBody = Readonly<{ body: string; isBase64Encoded: boolean }>;

const fromBytes = (bytes: Buffer): RequestBody =>
	isUtf8(bytes)
		? { body: bytes.toString("utf8"), isBase64Encoded: false }
		: { body: bytes.toString("base64"), isBase64Encoded: true };

/** Reads bodies, none larger than `bodyBytes`, and no more than `arrivingBytes` at a time. */
export class BodyReader {
	readonly #limits: HttpLimits;
	#arriving = 0;

	constructor(limits: HttpLimits) {
		this.#limits = limits;
	}

	/** Whether the body is as small as it has to be, as far as the request announces that. */
	fits({ headers }: IncomingMessage): boolean {
		return Number(headers["content-length"] ?? 0) <= this.#limits.bodyBytes;
	}

	/**
	 * The whole body. Rejects with `body_too_large`, with `unavailable` while too much is arriving, or with the error
	 * of a connection that broke off. The rest of a refused body is read and dropped.
	 */
	async read(request: IncomingMessage): Promise<RequestBody> {
		if (!this.fits(request)) throw this.#tooLarge();
		const chunks: Buffer[] = [];
		let bytes = 0;
		const keep = (chunk: Buffer): void => {
			bytes += chunk.length;
			this.#arriving += chunk.length;
			chunks.push(chunk);
			this.#assertRoom(bytes);
		};
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		const onData = (chunk: Buffer): void => {
			try {
				keep(chunk);
			} catch (error) {
				request.off("data", onData).resume();
				reject(error);
			}
		};
		request.on("data", onData).once("end", resolve).once("error", reject);
		try {
			await promise;
			return fromBytes(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
		} finally {
			this.#arriving -= bytes;
		}
	}

	#assertRoom(bytes: number): void {
		if (bytes > this.#limits.bodyBytes) throw this.#tooLarge();
		if (this.#arriving > this.#limits.arrivingBytes)
			throw new AsyncQueueError("unavailable", "Too much is being sent at once; please try again", {
				headers: { "retry-after": "1" },
			});
	}

	#tooLarge(): AsyncQueueError {
		return new AsyncQueueError("body_too_large", `The body exceeds ${this.#limits.bodyBytes} bytes`);
	}
}
