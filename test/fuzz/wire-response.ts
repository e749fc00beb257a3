/** One response as it came over the wire. Header names in lower case; repeated headers joined with ", ". */
export type WireResponse = Readonly<{
	status: number;
	headers: Readonly<Record<string, string>>;
	body: string;
}>;

type Head = Readonly<{ status: number; headers: Record<string, string>; length: number }>;

const HEAD_END = "\r\n\r\n";

const parseHead = (text: string): Head => {
	const [statusLine = "", ...lines] = text.split("\r\n");
	const match = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine);
	if (!match) throw new Error(`Not a status line: ${JSON.stringify(statusLine.slice(0, 80))}`);
	const headers: Record<string, string> = Object.create(null);
	for (const line of lines) {
		const colon = line.indexOf(":");
		const name = line.slice(0, colon).toLowerCase();
		const value = line.slice(colon + 1).trim();
		headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
	}
	const status = Number(match[1]);
	return { status, headers, length: Number(headers["content-length"] ?? 0) };
};

/** Takes the bytes of a connection as they come and gives the responses in them. Interim ones (1xx) are skipped. */
export class ResponseReader {
	#bytes: Buffer = Buffer.alloc(0);
	#head: Head | undefined;
	/** Methods of the requests that are not answered, as the answer to HEAD has no body. */
	readonly #methods: string[] = [];

	/** Announces a request, so that its answer is read as one to that method. */
	expect(method: string): void {
		this.#methods.push(method);
	}

	/** Whether nothing is left that was not part of a response. */
	get isClean(): boolean {
		return this.#bytes.length === 0 && this.#head === undefined;
	}

	/** Throws for what is no HTTP response. */
	feed(chunk: Buffer): WireResponse[] {
		this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
		const responses: WireResponse[] = [];
		for (let next = this.#next(); next; next = this.#next()) if (next.status >= 200) responses.push(next);
		return responses;
	}

	#next(): WireResponse | undefined {
		const head = this.#head ?? this.#takeHead();
		if (!head) return undefined;
		const isHead = head.status >= 200 && this.#methods[0] === "HEAD";
		const length = isHead ? 0 : head.length;
		if (this.#bytes.length < length) {
			this.#head = head;
			return undefined;
		}
		this.#head = undefined;
		if (head.status >= 200) this.#methods.shift();
		return { status: head.status, headers: head.headers, body: this.#take(length).toString("utf8") };
	}

	#takeHead(): Head | undefined {
		const end = this.#bytes.indexOf(HEAD_END);
		if (end < 0) return undefined;
		return parseHead(
			this.#take(end + HEAD_END.length)
				.toString("latin1")
				.slice(0, end),
		);
	}

	#take(length: number): Buffer {
		const taken = this.#bytes.subarray(0, length);
		this.#bytes = this.#bytes.subarray(length);
		return taken;
	}
}
