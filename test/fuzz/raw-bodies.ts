import { gzipSync } from "node:zlib";
import type { RawCase, RawTarget } from "./raw-case.ts";

type Body = string | Buffer;

/** One request with exactly this body. */
const sent =
	(path: string, body: (target: RawTarget) => Body, headers = "") =>
	(target: RawTarget) => {
		const bytes = Buffer.from(body(target) as string);
		const start = `${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${target.key}\r\nContent-Type: application/json\r\n`;
		return [{ send: `${start}${headers}Content-Length: ${bytes.length}\r\n\r\n` }, { send: bytes }];
	};

const inBody = (
	name: string,
	path: string,
	status: number,
	body: (target: RawTarget) => Body,
	headers?: string,
): RawCase => ({ name, steps: sent(path, body, headers), answers: [[status]], closes: false });

const TASKS = "POST /v1/tasks";
const BATCH = "POST /v1/tasks/batch";
const QUEUE = "PUT /v1/queues/raw";

const task = ({ webhookUrl }: RawTarget, members: Readonly<Record<string, unknown>> = {}): string =>
	JSON.stringify({ queue: "raw", webhook_url: webhookUrl, delay: 31_536_000, ...members });

/** Spaces up to a size in bytes: nothing is wrong with such a body but its size. */
const padded = (json: string, bytes: number): string => " ".repeat(bytes - Buffer.byteLength(json)) + json;

/** A payload of so many bytes as JSON. */
const payloadOf = (bytes: number) => ({ payload: { x: "x".repeat(bytes - '{"x":""}'.length) } });

const members = (count: number, name: (index: number) => string): string =>
	`{${Array.from({ length: count }, (_, index) => `${JSON.stringify(name(index))}:1`).join()}}`;

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

const sizes: readonly RawCase[] = [
	inBody("a task of 2 MiB", TASKS, 201, (target) => padded(task(target), 2_097_152)),
	inBody("a task of 2 MiB and 1", TASKS, 413, (target) => padded(task(target), 2_097_153)),
	inBody("a payload of 256 KiB", TASKS, 201, (target) => task(target, payloadOf(262_144))),
	inBody("a payload of 256 KiB and 1", TASKS, 413, (target) => task(target, payloadOf(262_145))),
	inBody("a batch of 4 MiB", BATCH, 200, (target) => padded(`{"tasks":[${task(target)}]}`, 4_194_304)),
	inBody("a batch of 4 MiB and 1", BATCH, 413, (target) => padded(`{"tasks":[${task(target)}]}`, 4_194_305)),
	inBody("settings of 16 KiB", QUEUE, 200, () => padded("{}", 16_384)),
	inBody("settings of 16 KiB and 1", QUEUE, 413, () => padded("{}", 16_385)),
	inBody("a body of 6 MiB", TASKS, 413, (target) => padded(task(target), 6_291_456)),
	{
		...inBody("a body of 6 MiB and 1", TASKS, 413, (target) => padded(task(target), 6_291_457)),
		closes: true,
	},
	{ ...inBody("a body of 9 MB", TASKS, 413, () => " ".repeat(9_000_000)), closes: true },
	{
		name: "chunks of 9 MB",
		steps: ({ key }) => [
			{
				send: `POST /v1/tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nTransfer-Encoding: chunked\r\n\r\n`,
			},
			...Array.from({ length: 9 }, () => ({
				send: `${(1_000_000).toString(16)}\r\n${" ".repeat(1_000_000)}\r\n`,
			})),
			{ send: "0\r\n\r\n" },
		],
		answers: [[413]],
		closes: true,
	},
];

const shapes: readonly RawCase[] = [
	inBody("a million levels", TASKS, 400, () => nested(1_000_000)),
	inBody(
		"a payload of 100,000 levels",
		TASKS,
		400,
		({ webhookUrl }) => `{"queue":"raw","webhook_url":"${webhookUrl}","payload":{"a":${nested(100_000)}}}`,
	),
	inBody("a batch of 100,000 levels", BATCH, 200, () => `{"tasks":[${nested(100_000)}]}`),
	inBody("200,000 unknown members", TASKS, 400, () => members(200_000, (index) => index.toString(36))),
	inBody("an unknown member of 2 MB", TASKS, 400, () => members(1, () => "n".repeat(2_000_000))),
	inBody("members that need escapes", TASKS, 400, () =>
		members(2_000, (index) => "\u0001".repeat(100) + index),
	),
	inBody(
		"100 items with 300 unknown members each",
		BATCH,
		200,
		() =>
			`{"tasks":[${Array(100)
				.fill(members(300, (index) => "\u0001".repeat(20) + index))
				.join()}]}`,
	),
	inBody(
		"numbers that grow when they are written again",
		BATCH,
		200,
		(target) =>
			`{"tasks":[${Array(60)
				.fill(
					`{"queue":"raw","delay":31536000,"webhook_url":"${target.webhookUrl}","payload":{"n":[${Array(11_000).fill("1e20").join()}]}}`,
				)
				.join()}]}`,
	),
	inBody(
		"a number beyond all numbers",
		TASKS,
		400,
		({ webhookUrl }) => `{"queue":"raw","webhook_url":"${webhookUrl}","payload":{"n":1e999}}`,
	),
	inBody("__proto__ as a member", TASKS, 400, (target) => task(target).replace("{", '{"__proto__":{"x":1},')),
	inBody("__proto__ in a payload", TASKS, 201, (target) =>
		task(target).replace("{", '{"payload":{"__proto__":{"x":1}},'),
	),
	inBody("a member twice", TASKS, 201, (target) => task(target).replace("{", '{"queue":"first",')),
];

const encodings: readonly RawCase[] = [
	inBody("a byte order mark", TASKS, 400, (target) => `\ufeff${task(target)}`),
	inBody("UTF-16", TASKS, 400, (target) => Buffer.from(task(target), "utf16le")),
	inBody("a byte that is not UTF-8", TASKS, 400, (target) =>
		Buffer.from(task(target).replace("{", '{"payload":{"x":"\xff"},'), "latin1"),
	),
	inBody("a surrogate as UTF-8", TASKS, 400, (target) =>
		Buffer.from(task(target).replace("{", '{"payload":{"x":"\xed\xa0\x80"},'), "latin1"),
	),
	inBody("an overlong slash", TASKS, 400, (target) =>
		Buffer.from(task(target).replace("{", '{"payload":{"x":"\xc0\xaf"},'), "latin1"),
	),
	inBody("half a surrogate pair in a payload", TASKS, 201, (target) =>
		task(target, { payload: { x: "\ud800" } }),
	),
	inBody("half a surrogate pair in a URL", TASKS, 400, (target) =>
		task({ ...target, webhookUrl: `${target.webhookUrl}\udc00` }),
	),
	inBody("NUL in a name", "POST /v1/apikeys", 201, () => '{"name":"a\\u0000b","mode":"test"}'),
	inBody("half a surrogate pair in a name", "POST /v1/apikeys", 400, () => '{"name":"a\\ud800"}'),
	inBody("nothing but NUL", TASKS, 400, () => Buffer.alloc(100)),
	inBody("a compressed body", TASKS, 400, (target) => gzipSync(task(target)), "Content-Encoding: gzip\r\n"),
];

/** Bodies of absurd size, shape and encoding. */
export const bodyCases: readonly RawCase[] = [...sizes, ...shapes, ...encodings];
