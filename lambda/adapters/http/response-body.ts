const TEXT_BYTES = 1_024;
const DRAIN_BYTES = 65_536;

/** Content types whose bytes are no text, even if they happen to decode. */
const BINARY_TYPE =
	/^\s*((image(?!\/svg)|audio|video|font)\/|application\/(octet-stream|pdf|zip|gzip|x-gzip|x-protobuf|protobuf|wasm)\b)/i;

const wholeText = new TextDecoder("utf-8", { fatal: true });

/** Keeps the start of an answer's body and counts the rest. */
export class ResponseBody {
	#start: Buffer | undefined;
	#length = 0;

	add(chunk: Buffer): void {
		const missing = TEXT_BYTES - this.#length;
		this.#length += chunk.length;
		if (missing <= 0) return;
		const part = chunk.subarray(0, missing);
		// A copy: the chunk is a window on a read buffer of 64 KiB.
		this.#start = Buffer.concat(this.#start ? [this.#start, part] : [part]);
	}

	/** True when so much has come that reading on costs more than a new connection. */
	get isTooLong(): boolean {
		return this.#length > TEXT_BYTES + DRAIN_BYTES;
	}

	/** The first KiB as text, whole characters only, or null when it is not text. */
	text(contentType: string | string[] | undefined): string | null {
		if (!this.#start) return "";
		if (BINARY_TYPE.test(String(contentType)) || this.#start.includes(0)) return null;
		try {
			if (this.#length <= TEXT_BYTES) return wholeText.decode(this.#start);
			// As part of a stream, a character whose end was cut off is no fault: it is held back.
			return new TextDecoder("utf-8", { fatal: true }).decode(this.#start, { stream: true });
		} catch {
			return null;
		}
	}
}
