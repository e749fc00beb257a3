import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let request: ApiRequest;
beforeEach(async () => {
	world = await createTestWorld();
	request = apiRequestOf(world);
});
afterEach(() => world.close());

const task = { queue: "emails", webhook_url: "https://example.com/hook", payload: { n: 1 } };

describe("GET /v1/tasks", () => {
	const createMany = async (count: number, queue: string): Promise<string[]> => {
		const tasks = Array.from({ length: count }, () => ({ ...task, queue, delay: 60 }));
		const { body } = await request("POST", "/v1/tasks/batch", { body: { tasks } });
		return body.results.map((result: { task: { id: string } }) => result.task.id);
	};

	it("walks all tasks newest first, without gaps or doubles", async () => {
		const created = await createMany(45, "emails");
		const seen: string[] = [];
		let cursor = "";
		do {
			const { body } = await request("GET", `/v1/tasks?limit=10${cursor}`);
			seen.push(...body.tasks.map(({ id }: { id: string }) => id));
			cursor = body.pagination.next_cursor ? `&cursor=${body.pagination.next_cursor}` : "";
			expect(body.pagination).toMatchObject({ limit: 10, has_more: cursor !== "" });
		} while (cursor);
		expect(seen).toEqual(created.toReversed());
	});

	it("filters by queue and status, and takes an offset", async () => {
		const emails = await createMany(5, "emails");
		await createMany(3, "reports");
		await request("DELETE", `/v1/tasks/${emails[0]}`);
		const count = async (query: string) => (await request("GET", `/v1/tasks?${query}`)).body.tasks.length;
		expect(await count("queue=emails")).toBe(5);
		expect(await count("queue=emails&status=pending")).toBe(4);
		expect(await count("status=cancelled")).toBe(1);
		expect(await count("offset=6")).toBe(2);
		expect(await count("offset=100")).toBe(0);
	});

	it.each(["limit=0", "limit=101", "limit=x", "offset=1001", "status=done", "cursor=bm9wZQ", "queu=a"])(
		"refuses ?%s",
		async (query) => {
			expect(await request("GET", `/v1/tasks?${query}`)).toMatchObject({ status: 400 });
		},
	);
});
