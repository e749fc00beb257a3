import { isUtf8 } from "node:buffer";
import { AsyncQueueError } from "../core/errors.ts";
import { type ApiEvent, headerOf } from "./api-event.ts";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;

/** JSON.parse's own message quotes the body, which may hold secrets: only the place of the mistake is passed on. */
const parse = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch (error) {
		const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(String(error))?.[0] ?? "";
		throw new AsyncQueueError("malformed_json", `The body is not valid JSON ${place}`.trim());
	}
};

const assertJsonType = (event: ApiEvent): void => {
	const type = headerOf(event, "content-type");
	if (type !== undefined && JSON_TYPE.test(type)) return;
	throw new AsyncQueueError("unsupported_media_type", "Send the body with Content-Type: application/json");
};

/** JSON is UTF-8 (RFC 8259 §8.1). What is not would be stored as something else than what was sent. */
const textOf = (base64: string): string => {
	const bytes = Buffer.from(base64, "base64");
	if (!isUtf8(bytes)) throw new AsyncQueueError("malformed_json", "The body is not valid UTF-8");
	return bytes.toString("utf8");
};

/**
 * The parsed JSON body of a request, as it came: members are neither dropped nor rebuilt.
 * An absent body is `{}`. Throws `body_too_large` (over `maxBytes`), `unsupported_media_type`, `malformed_json`.
 */
export const jsonBody = (event: ApiEvent, maxBytes: number): unknown => {
	if (!event.body) return {};
	const bytes = Buffer.byteLength(event.body, event.isBase64Encoded ? "base64" : "utf8");
	if (bytes > maxBytes)
		throw new AsyncQueueError("body_too_large", `The body is ${bytes} bytes; the limit is ${maxBytes}`);
	assertJsonType(event);
	return parse(event.isBase64Encoded ? textOf(event.body) : event.body);
};
