import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../lambda/handlers/api.ts";
import type { Ports } from "../../lambda/ports.ts";
import { apiEvent } from "../support/api-events.ts";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

/** Lambda's synchronous responses: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LAMBDA_LIMIT = 6_291_456;

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

const task = { queue: "emails", webhook_url: "https://example.com/hook", delay: 60 };
const sizeOf = (body: unknown): number => Buffer.byteLength(JSON.stringify(body));

/** `json` with its last bracket replaced by another member, as text: JSON.stringify would not write it. */
const withText = (json: unknown, member: string): string =>
	JSON.stringify(json).replace(/\}$/, `,${member}}`);

describe("an answer stays within what Lambda can return", () => {
	it("to a body with 200,000 unknown members: 30 faults are told, and that there are more", async () => {
		const members = Array.from({ length: 200_000 }, (_, index) => `"${index.toString(36)}":1`).join();
		const { status, body } = await request("POST", "/v1/tasks", { body: `{${members}}` });
		expect(status).toBe(400);
		expect(body.errors).toHaveLength(31);
		expect(body.errors.at(-1)).toEqual({ path: "", message: "and more is wrong than is listed" });
		expect(sizeOf(body)).toBeLessThan(20_000);
	});

	it("to an unknown member with a name of 10,000 characters: its start is told", async () => {
		const { status, body } = await request("POST", "/v1/queues/emails/redrive", {
			body: { ["n".repeat(10_000)]: 1 },
		});
		expect(status).toBe(400);
		expect(body.errors).toEqual([{ path: `${"n".repeat(100)}…`, message: "is not a known member" }]);
	});

	it("to a batch whose numbers are longer as they are written than as they were sent", async () => {
		const payload = `{"n":[${Array(11_000).fill("1e20").join()}]}`;
		const items = Array(60).fill(withText(task, `"payload":${payload}`));
		const { status, body } = await request("POST", "/v1/tasks/batch", {
			body: `{"tasks":[${items.join()}]}`,
		});
		expect(status).toBe(200);
		expect(sizeOf(body)).toBeLessThan(LAMBDA_LIMIT);
		const statuses: number[] = body.results.map((result: { status: number }) => result.status);
		const accepted = statuses.filter((each) => each === 201).length;
		// 17 payloads of 242 KB are less than 4 MiB. All that were accepted are there, and no other.
		expect(statuses).toEqual([...Array(accepted).fill(201), ...Array(60 - accepted).fill(413)]);
		expect(accepted).toBe(17);
		expect((await request("GET", "/v1/queues/emails")).body.counts.pending.count).toBe(accepted);
	});

	it("that lists large tasks: the page is short, and the next one goes on where it ended", async () => {
		const ids: string[] = [];
		for (let number = 0; number < 30; number += 1) {
			const { body } = await request("POST", "/v1/tasks", {
				body: { ...task, payload: { text: "é".repeat(130_000) } },
			});
			ids.unshift(body.id);
		}
		const seen: string[] = [];
		let cursor = "";
		do {
			const { body } = await request("GET", `/v1/tasks?limit=100${cursor}`);
			expect(sizeOf(body)).toBeLessThan(LAMBDA_LIMIT);
			expect(body.tasks.length).toBeGreaterThan(10);
			seen.push(...body.tasks.map(({ id }: { id: string }) => id));
			expect(body.pagination.has_more).toBe(body.pagination.next_cursor !== null);
			cursor = body.pagination.next_cursor ? `&cursor=${body.pagination.next_cursor}` : "";
		} while (cursor);
		expect(seen).toEqual(ids);
	});
});

describe("what cannot be kept as it was sent is refused", () => {
	it("a number beyond all numbers: it was delivered as null", async () => {
		const { status, body } = await request("POST", "/v1/tasks", {
			body: withText(task, '"payload":{"a":[{"n":1e999}]}'),
		});
		expect(status).toBe(400);
		expect(body.errors).toEqual([{ path: "payload", message: "must not hold numbers beyond 1.8e308" }]);
	});

	it.each([
		["a webhook's URL", "/v1/tasks", { ...task, webhook_url: "https://example.com/\ud800" }, "webhook_url"],
		["a key's name", "/v1/apikeys", { name: "a\udc00" }, "name"],
		["an error to redrive", "/v1/queues/emails/redrive", { code: "\ud800" }, "code"],
	])("half a surrogate pair in %s: it came back as U+FFFD", async (_, path, body, member) => {
		const refused = await request("POST", path, { body });
		expect(refused.status).toBe(400);
		expect(refused.body.errors).toMatchObject([{ path: member }]);
	});

	it("half a surrogate pair in a payload is kept: JSON can say it", async () => {
		const created = await request("POST", "/v1/tasks", { body: { ...task, payload: { x: "\ud800" } } });
		const shown = await request("GET", `/v1/tasks/${created.body.id}`);
		expect(shown.body.payload).toEqual({ x: "\ud800" });
	});

	it("a body that is no UTF-8: its bytes were replaced by U+FFFD", async () => {
		const bytes = Buffer.from(withText(task, '"payload":{"x":"\xff"}'), "latin1");
		const headers = { authorization: `Bearer ${world.secret}` };
		const event = apiEvent("POST", "/v1/tasks", { body: "{}", headers });
		const base64 = { body: bytes.toString("base64"), isBase64Encoded: true };
		const refused = await apiHandler(world.ports)({ ...event, ...base64 }, {});
		expect(refused.statusCode).toBe(400);
		expect(JSON.parse(refused.body ?? "")).toMatchObject({
			code: "malformed_json",
			detail: "The body is not valid UTF-8",
		});
	});
});

describe("a request that is refused at the door", () => {
	it("is told how to authenticate (RFC 9110 §15.5.2)", async () => {
		for (const authorization of ["", "Basic YTpi", `Bearer aq_live_${"x".repeat(32)}`]) {
			const { status, headers } = await request("GET", "/v1/tasks", { headers: { authorization } });
			expect(status).toBe(401);
			expect(headers["www-authenticate"]).toBe("Bearer");
		}
	});

	it("with a key id that cannot be one never reaches the store: DynamoDB answers long keys with an error", async () => {
		const keys = { ...world.ports.keys, findByHash: (hash: string) => world.ports.keys.findByHash(hash) };
		const fail = () => Promise.reject(new Error("One or more parameter values were invalid"));
		const ports = {
			...world.ports,
			keys: { ...keys, touch: async () => {}, get: fail, revoke: fail },
		} as unknown as Ports;
		for (const id of ["x".repeat(3_000), "key_unknown", "%00", "key_81KANV8E00ABCDEFGHJKMNPQRS"]) {
			expect(await request("DELETE", `/v1/apikeys/${id}`, {}, ports)).toMatchObject({ status: 404 });
			expect(await request("POST", `/v1/apikeys/${id}/rotate`, {}, ports)).toMatchObject({ status: 404 });
		}
	});
});
