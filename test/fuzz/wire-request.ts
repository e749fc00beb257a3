/** One request, byte for byte. `path` is the request target; strings are sent as UTF-8, unless bytes say otherwise. */
export type WireRequest = Readonly<{
	method: string;
	path: string;
	headers: readonly (readonly [name: string, value: string])[];
	/** Null sends none, and no Content-Length either. */
	body: Uint8Array | null;
	/** Sizes of the chunks that the body is sent in; without any it goes with a Content-Length. */
	chunks?: readonly number[];
}>;

const chunked = (body: Uint8Array, sizes: readonly number[]): Buffer => {
	const parts: Buffer[] = [];
	let sent = 0;
	for (let index = 0; sent < body.length; index += 1) {
		const chunk = body.subarray(sent, sent + Math.max(1, sizes[index % sizes.length] ?? 1));
		parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), Buffer.from(chunk), Buffer.from("\r\n"));
		sent += chunk.length;
	}
	return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
};

/** The request as it goes over the wire. Header values are sent as Latin-1, as HTTP/1.1 has them. */
export const requestBytes = ({ method, path, headers, body, chunks = [] }: WireRequest): Buffer => {
	const isChunked = body !== null && chunks.length > 0;
	const framing = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${body?.length ?? 0}`;
	const lines = ["Host: fuzz", ...headers.map(([name, value]) => `${name}: ${value}`)];
	const head = `${method} ${path} HTTP/1.1\r\n${[...lines, ...(body ? [framing] : [])].join("\r\n")}\r\n\r\n`;
	const content = isChunked ? chunked(body, chunks) : Buffer.from(body ?? []);
	return Buffer.concat([Buffer.from(head, "latin1"), content]);
};

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const isPrintable = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte < 0x7f);

/** Longer requests are described by their start: nobody types them. */
const MAX_SHOWN_BYTES = 4_096;

/** How to send it again: a curl line where a shell can say it, otherwise hex. */
export const reproduction = (request: WireRequest, url: string): string => {
	const bytes = requestBytes(request);
	const { method, path, headers, body } = request;
	const head = Buffer.from(`${path}${headers.flat().join("")}`, "latin1");
	if (bytes.length > MAX_SHOWN_BYTES || !isPrintable(head) || (body && !isPrintable(body)))
		return `hex (${bytes.length} bytes): ${bytes.subarray(0, MAX_SHOWN_BYTES).toString("hex")}`;
	const parts = [
		`curl --globoff --path-as-is -i -X ${method}`,
		...headers.map(([name, value]) => `-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`),
		...(request.chunks?.length ? ["-H 'Transfer-Encoding: chunked'"] : []),
		...(body ? [`--data-binary ${quoted(Buffer.from(body).toString("latin1"))}`] : []),
		`--request-target ${quoted(path)}`,
		quoted(url),
	];
	return parts.join(" ");
};
