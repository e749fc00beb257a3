import type { RawCase } from "./raw-case.ts";
import { BAD, byteWise, goodPost, HEALTH, head, OK, post, stepsOf, withBody } from "./raw-messages.ts";

/** Clients that send too much at once, or go away too early. */
export const orderCases: readonly RawCase[] = [
	{
		name: "20 requests at once",
		steps: stepsOf(HEALTH.repeat(20)),
		answers: Array(20).fill(OK),
		closes: false,
	},
	{
		name: "garbage behind a request: its answer goes first",
		steps: stepsOf((target) => `${goodPost(target)}NONSENSE\r\n\r\n`),
		answers: [[201], BAD],
		closes: true,
	},
	{
		name: "a request to close with another behind it",
		steps: stepsOf(head("GET /health HTTP/1.1", "Host: a", "Connection: close") + HEALTH),
		answers: [OK],
		closes: true,
	},
	{
		name: "garbage behind a request to close",
		steps: stepsOf(`${head("GET /health HTTP/1.1", "Host: a", "Connection: close")}NONSENSE\r\n\r\n`),
		answers: [OK],
		closes: true,
	},
	{
		name: "a client that says goodbye before the answer",
		steps: (target) => [{ send: goodPost(target) }, { halfClose: true }],
		answers: [[201]],
		closes: true,
	},
	{ name: "a client that vanishes", steps: () => [{ reset: true }], answers: [], closes: false },
	{
		name: "a client that vanishes within its headers",
		steps: () => [{ send: "GET /hea" }, { reset: true }],
		answers: [],
		closes: false,
	},
	{
		name: "a client that vanishes within its body",
		steps: (target) => [{ send: withBody('{"queue"', "Content-Length: 900")(target) }, { reset: true }],
		answers: [],
		closes: false,
	},
	{
		name: "a client that vanishes before its answer",
		steps: (target) => [{ send: goodPost(target) }, { reset: true }],
		answers: [],
		closes: false,
	},
	{
		name: "a client that hangs up in its headers",
		steps: () => [{ send: "GET /hea" }, { halfClose: true }],
		answers: [BAD],
		closes: true,
	},
];

/** Clients that take their time: the server must not take as much. They take as long as its limits. */
export const slowCases: readonly RawCase[] = [
	{ name: "a client that says nothing", steps: () => [], answers: [[408]], closes: true },
	{
		name: "headers that trickle",
		steps: () => [{ dribble: `GET /health HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(500)}`, everyMs: 200 }],
		answers: [[408]],
		closes: true,
	},
	{
		name: "a body that trickles",
		steps: (target) => [
			{ send: post("Content-Length: 900")(target) },
			{ dribble: " ".repeat(900), everyMs: 200 },
		],
		answers: [[408]],
		closes: true,
	},
	{
		name: "chunks that trickle",
		steps: (target) => [
			{ send: post("Transfer-Encoding: chunked")(target) },
			{ dribble: byteWise(" ".repeat(200)), everyMs: 200 },
		],
		answers: [[408]],
		closes: true,
	},
];
