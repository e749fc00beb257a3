import type { RawCase } from "./raw-case.ts";
import { answered, BAD, byteWise, HEALTH, refused, stepsOf, task, withBody } from "./raw-messages.ts";

const badLengths = ["-1", "+5", "5, 5", "0x5", "1e1", "99999999999999999999999", "1 2", "", "five"];

const lengths: readonly RawCase[] = [
	...badLengths.map((length) =>
		refused(`Content-Length ${JSON.stringify(length)}`, BAD, withBody("{}{}{}", `Content-Length: ${length}`)),
	),
	refused("two lengths", BAD, withBody("{}", "Content-Length: 2", "Content-Length: 3")),
	refused("the same length twice", BAD, withBody("{}", "Content-Length: 2", "Content-Length: 2")),
	refused(
		"a length and chunks",
		BAD,
		withBody("0\r\n\r\n", "Content-Length: 5", "Transfer-Encoding: chunked"),
	),
	refused(
		"chunks and a length",
		BAD,
		withBody("0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 5"),
	),
	refused(
		"a request hidden in another (CL.TE)",
		BAD,
		withBody(`0\r\n\r\n${HEALTH}`, "Content-Length: 4", "Transfer-Encoding: chunked"),
	),
	refused(
		"a request hidden in another (TE.CL)",
		BAD,
		withBody(
			`${HEALTH.length.toString(16)}\r\n${HEALTH}\r\n0\r\n\r\n`,
			"Transfer-Encoding: chunked",
			"Content-Length: 4",
		),
	),
	{
		name: "a body longer than its length",
		steps: stepsOf(withBody("{}GARBAGE / HTTP/9\r\n\r\n", "Content-Length: 2")),
		answers: [BAD, BAD],
		closes: true,
	},
	{
		name: "a body shorter than its length, and no more to come",
		steps: (target) => [{ send: withBody("{}", "Content-Length: 20")(target) }, { halfClose: true }],
		answers: [BAD],
		closes: true,
	},
];

const badEncodings = [
	"identity",
	"gzip",
	"xchunked",
	"chunked, identity",
	"gzip, chunked, gzip",
	"\x0bchunked",
	"",
];
const badChunks = [
	"-1\r\n",
	"g\r\n",
	"ffffffffffffffffff\r\n",
	"0x2\r\n{}\r\n0\r\n\r\n",
	"2\r\n{}X\r\n",
	"2 \r\n{}\r\n\0",
];

const chunks: readonly RawCase[] = [
	...badEncodings.map((encoding) =>
		refused(
			`Transfer-Encoding ${JSON.stringify(encoding)}`,
			BAD,
			withBody("2\r\n{}\r\n0\r\n\r\n", `Transfer-Encoding: ${encoding}`),
		),
	),
	...badChunks.map((text) =>
		refused(`the chunk ${JSON.stringify(text)}`, BAD, withBody(text, "Transfer-Encoding: chunked")),
	),
	answered("chunks of one byte", [201], (target) =>
		withBody(byteWise(task(target)), "Transfer-Encoding: chunked")(target),
	),
	refused(
		"a chunk extension of 20 KB",
		[413],
		withBody(`2;${"x".repeat(20_000)}\r\n`, "Transfer-Encoding: chunked"),
	),
	refused(
		"trailers of 20 KB",
		[431],
		withBody(`2\r\n{}\r\n0\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, "Transfer-Encoding: chunked"),
	),
	answered(
		"trailers that name a length",
		BAD,
		withBody("2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n", "Transfer-Encoding: chunked"),
	),
];

/** Bodies of which nobody can say for sure where they end (RFC 9112 §6). */
export const framingCases: readonly RawCase[] = [...lengths, ...chunks];
