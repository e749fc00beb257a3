import type { RawCase } from "./raw-case.ts";
import { answered, BAD, HEALTH, head, OK, post, refused, task } from "./raw-messages.ts";

const startLines: readonly RawCase[] = [
	refused("HTTP/0.9", BAD, "GET /health\r\n\r\n"),
	answered("HTTP/1.0 without Host", OK, head("GET /health HTTP/1.0")),
	refused("a version that does not exist", BAD, head("GET /health HTTP/3.7", "Host: a")),
	refused("an HTTP/2 preface", BAD, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	refused("a TLS hello", BAD, Buffer.from("16030100c8010000c40303", "hex"), Buffer.alloc(190, 7)),
	refused("binary garbage", BAD, Buffer.from("00ff00ff0a0d0a0d", "hex")),
	refused("a request that starts with a query", BAD, head("GET ?x=1 HTTP/1.1", "Host: a")),
	refused("a line without end", [431], `GET /${"a".repeat(40_000)}`),
	refused("a path of 17 KB", [431], head(`GET /${"a".repeat(17_000)} HTTP/1.1`, "Host: a")),
	answered("empty lines before a request", OK, `\r\n\r\n${HEALTH}`),
	answered("a target in absolute form", OK, head("GET http://example.com/health HTTP/1.1", "Host: a")),
	answered("a target that is only an authority", [404], head("GET http://example.com HTTP/1.1", "Host: a")),
	answered("OPTIONS *", [404], head("OPTIONS * HTTP/1.1", "Host: a")),
	refused("CONNECT", [404], head("CONNECT example.com:443 HTTP/1.1", "Host: a")),
	answered("TRACE", [405], head("TRACE /health HTTP/1.1", "Host: a")),
	refused("a method in lower case", BAD, head("get /health HTTP/1.1", "Host: a")),
];

const headerLines: readonly RawCase[] = [
	refused("no Host", BAD, head("GET /health HTTP/1.1")),
	refused("two Hosts", BAD, head("GET /health HTTP/1.1", "Host: a", "Host: b")),
	answered("an empty Host", OK, head("GET /health HTTP/1.1", "Host:")),
	refused("a space before a colon", BAD, head("GET /health HTTP/1.1", "Host : a")),
	refused("a header without a name", BAD, head("GET /health HTTP/1.1", "Host: a", ": x")),
	refused("NUL in a header's name", BAD, head("GET /health HTTP/1.1", "Host: a", "X\0Y: z")),
	refused("NUL in a header's value", BAD, head("GET /health HTTP/1.1", "Host: a", "X: \0")),
	refused("a carriage return in a header's value", BAD, head("GET /health HTTP/1.1", "Host: a", "X: a\rb")),
	refused("a header of 17 KB", [431], head("GET /health HTTP/1.1", "Host: a", `X: ${"a".repeat(17_000)}`)),
	answered("3,000 headers", OK, head("GET /health HTTP/1.1", "Host: a", ...Array<string>(3_000).fill("a:"))),
	refused(
		"20,000 headers",
		[431],
		head("GET /health HTTP/1.1", "Host: a", ...Array<string>(20_000).fill("a:")),
	),
	answered(
		"an upgrade to WebSocket",
		OK,
		head("GET /health HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket"),
	),
	answered(
		"an upgrade to HTTP/2",
		OK,
		head("GET /health HTTP/1.1", "Host: a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"),
	),
	answered(
		"an expectation that nobody knows",
		OK,
		head("GET /health HTTP/1.1", "Host: a", "Expect: a-unicorn"),
	),
	{
		name: "a client that waits for 100 Continue",
		steps: (target) => [
			{ send: post("Expect: 100-continue", `Content-Length: ${task(target).length}`)(target) },
			{ send: task(target) },
		],
		answers: [[201]],
		closes: false,
	},
	refused(
		"a client that asks to continue with too much",
		[413],
		post("Expect: 100-continue", "Content-Length: 9000000"),
	),
];

/** Request lines and headers that break, or only bend, the rules of HTTP/1.1 (RFC 9112). */
export const headCases: readonly RawCase[] = [...startLines, ...headerLines];
