import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AsyncQueueError } from "../../lambda/core/errors.ts";
import { validate } from "../../lambda/core/faults.ts";
import { MAX_PAYLOAD_DEPTH, NewTask, NewTaskBatch } from "../../lambda/core/new-task.ts";

const valid = { queue: "emails", webhook_url: "https://example.com/hook" };

const faultsOf = (body: unknown): readonly { path: string; message: string }[] => {
	try {
		validate(NewTask, body);
		return [];
	} catch (error) {
		if (error instanceof AsyncQueueError && error.code === "invalid_request") return error.faults;
		throw error;
	}
};

const faultyPaths = (body: unknown) => faultsOf(body).map(({ path }) => path);

const nested = (levels: number): unknown =>
	JSON.parse(`${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`);

describe("a new task", () => {
	it("needs a queue and a webhook, and has priority 5", () => {
		expect(validate(NewTask, valid)).toEqual({ ...valid, priority: 5 });
		expect(faultyPaths({})).toEqual(["queue", "webhook_url"]);
	});

	it("may say everything itself", () => {
		const task = {
			...valid,
			payload: { user: "usr_123" },
			delay: 60,
			priority: 10,
			max_retries: 0,
			retry_backoff: "fixed",
			timeout: 120,
		};
		expect(validate(NewTask, task)).toEqual(task);
	});

	it.each<[string, readonly unknown[], readonly unknown[]]>([
		["queue", ["a", "A.b_c-1", "x".repeat(64)], ["", "-a", ".a", "a b", "a/b", "ü", "x".repeat(65), 1, null]],
		[
			"payload",
			[{}, { a: null }, nested(MAX_PAYLOAD_DEPTH)],
			[null, [], "{}", 1, nested(MAX_PAYLOAD_DEPTH + 1)],
		],
		["delay", [0, 31_536_000], [-1, 31_536_001, 1.5, "60", null]],
		[
			"run_at",
			["2026-12-24T18:00:00Z", "2026-12-24T18:00:00.123456+01:00"],
			["2026-12-24", "2026-12-24T18:00:00", "2026-02-30T00:00:00Z", "tomorrow", 1_795_435_200_000, null],
		],
		["priority", [1, 10], [0, 11, 5.5, "5", null]],
		["max_retries", [0, 20], [-1, 21, 1.5, null]],
		["retry_backoff", ["exponential", "fixed"], ["linear", "", null]],
		["timeout", [1, 120], [0, 121, 0.5, null]],
	])("has a %s within its rule", (member, allowed, refused) => {
		for (const value of allowed) expect(faultsOf({ ...valid, [member]: value })).toEqual([]);
		for (const value of refused) expect(faultyPaths({ ...valid, [member]: value })).toEqual([member]);
	});

	it("has a delay or a run_at, not both", () => {
		expect(faultsOf({ ...valid, delay: 1, run_at: "2026-12-24T18:00:00Z" })).toEqual([
			{ path: "run_at", message: "cannot be combined with delay" },
		]);
	});

	it("hears what is expected in the place of what is wrong", () => {
		expect(faultsOf({ queue: "a b", webhook_url: valid.webhook_url, payload: 1, run_at: "soon" })).toEqual([
			{
				path: "queue",
				message:
					"must be 1-64 letters, digits, dots, underscores or hyphens and start with a letter or digit",
			},
			{ path: "payload", message: "must be a JSON object" },
			{ path: "run_at", message: "must be an ISO 8601 instant" },
		]);
	});

	it("that is wrong in many ways hears of all of them at once", () => {
		const body = {
			webhook_url: "ftp://example.com",
			payload: [],
			delay: 5,
			run_at: "2026-12-24T18:00:00Z",
			priority: 0,
			max_retries: 21,
			retry_backoff: "linear",
			timeout: 0,
			max_retry: 1,
			Delay: 1,
		};
		expect(faultyPaths(body).sort()).toEqual(
			[
				...[
					"queue",
					"webhook_url",
					"payload",
					"run_at",
					"priority",
					"max_retries",
					"retry_backoff",
					"timeout",
				],
				...["max_retry", "Delay"],
			].sort(),
		);
	});

	it.each(["max_retry", "Queue", "id", "status", "__proto__", "constructor", "toString"])(
		"with an unknown member is refused: %s",
		(member) => {
			const body: unknown = JSON.parse(`{"queue":"q","webhook_url":"https://a.example","${member}":1}`);
			expect(faultsOf(body)).toEqual([{ path: member, message: "is not a known member" }]);
		},
	);

	it.each([null, undefined, 1, "{}", [], [valid]])("is an object, not %j", (body) => {
		expect(faultyPaths(body)).toEqual([""]);
	});
});

describe("the payload of a new task", () => {
	it("is passed on as it came, members called __proto__ and constructor included", () => {
		const payload = '{"__proto__":{"admin":true},"constructor":1,"list":[{"__proto__":null}]}';
		const task = validate(NewTask, { ...valid, payload: JSON.parse(payload) });
		expect(JSON.stringify(task.payload)).toBe(payload);
	});

	it("is passed on as it came, whatever it is", () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (payload) => {
				expect(validate(NewTask, { ...valid, payload }).payload).toBe(payload);
			}),
		);
	});

	it.each(["1e999", "-1e999", "[0,[1e400]]", '{"a":{"b":1e309}}'])(
		"holds no number beyond all numbers: %s",
		(json) => {
			expect(faultsOf({ ...valid, payload: JSON.parse(`{"n":${json}}`) })).toEqual([
				{ path: "payload", message: "must not hold numbers beyond 1.8e308" },
			]);
		},
	);

	it("may be nested 100 levels deep; 100,000 levels are a fault, not a crash", () => {
		expect(faultsOf({ ...valid, payload: { list: JSON.parse("[".repeat(99) + "]".repeat(99)) } })).toEqual(
			[],
		);
		expect(faultsOf({ ...valid, payload: nested(100_000) })).toEqual([
			{ path: "payload", message: "must not be nested more than 100 levels deep" },
		]);
	});
});

describe("a batch of new tasks", () => {
	it("holds 1 to 100 items, which are judged one by one later", () => {
		expect(NewTaskBatch.safeParse({ tasks: [null, 1, valid] }).success).toBe(true);
		expect(NewTaskBatch.safeParse({ tasks: new Array(100).fill(valid) }).success).toBe(true);
		expect(NewTaskBatch.safeParse({ tasks: new Array(101).fill(valid) }).success).toBe(false);
		expect(NewTaskBatch.safeParse({ tasks: [] }).success).toBe(false);
		expect(NewTaskBatch.safeParse([valid]).success).toBe(false);
	});
});
