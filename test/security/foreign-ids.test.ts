import { afterEach, describe, expect, it } from "vitest";
import { encodeCursor } from "../../lambda/core/task-page.ts";
import { routes } from "../../lambda/routes.ts";
import type { TestWorld } from "../support/test-world.ts";
import { anonymous, type Ids, NOBODYS, openNeighbourhood, storedOf } from "./neighbours.ts";
import { PARAMETERS, type StrangersRequest, strangersRequests } from "./strangers-matrix.ts";

/** Where a stranger's request with a name of somebody else makes a thing of the stranger's own. */
const CREATES: readonly string[] = ["putQueue"];

/** Routes without ids in their paths. What else they take from a client that could lead to others is tested by hand. */
const TESTED_BY_HAND = [
	"GET /docs",
	"GET /health",
	"GET /openapi.json",
	"POST /v1/tasks",
	"GET /v1/tasks",
	"POST /v1/tasks/batch",
	"GET /v1/queues",
	"GET /v1/apikeys",
	"POST /v1/apikeys",
];

const worlds: TestWorld[] = [];
afterEach(() => {
	for (const world of worlds.splice(0)) world.close();
});

const neighbourhood = async (taskStatus: "pending" | "failed" = "pending") => {
	const opened = await openNeighbourhood(taskStatus);
	worlds.push(opened.world);
	return opened;
};

const pathOf = ({ path, foreign }: StrangersRequest, own: Ids, others: Ids): string =>
	PARAMETERS.reduce(
		(text, name) => text.replace(`{${name}}`, (foreign.includes(name) ? others : own)[name]),
		path,
	);

describe("the matrix of foreign ids", () => {
	it("knows every route and every parameter of the API", () => {
		const inMatrix = new Set(
			strangersRequests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`),
		);
		const all = routes.map(({ method, path }) => `${method} ${path}`);
		expect(all.filter((route) => !inMatrix.has(route)).sort()).toEqual([...TESTED_BY_HAND].sort());
		const parameters = all.flatMap((route) => [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
		expect([...new Set(parameters)].sort()).toEqual([...PARAMETERS].sort());
	});
});

describe.each(["pending", "failed"] as const)(
	"a stranger's request, the owner's task being %s,",
	(taskStatus) => {
		const requests = strangersRequests.filter(
			({ path }) => taskStatus === "pending" || path.includes("{task_id}"),
		);

		it.each(requests.map((request) => [request.name, request] as const))("%s", async (_, request) => {
			const { world, owner, stranger } = await neighbourhood(taskStatus);
			const before = storedOf(world, owner.teamId);
			const { method, body } = request;
			const foreign = await stranger.request(method, pathOf(request, stranger.ids, owner.ids), { body });
			expect(storedOf(world, owner.teamId)).toStrictEqual(before);

			const other = await neighbourhood(taskStatus);
			const unknown = await other.stranger.request(method, pathOf(request, other.stranger.ids, NOBODYS), {
				body,
			});
			expect(foreign.status).toBe(CREATES.includes(request.operation) ? 200 : 404);
			expect(anonymous(foreign, owner.ids)).toStrictEqual(anonymous(unknown, NOBODYS));
		});

		it.each(requests.map((request) => [request.name, request] as const))(
			"reaches its owner: %s",
			async (_, request) => {
				const { owner } = await neighbourhood(taskStatus);
				const { method, body } = request;
				const { status } = await owner.request(method, pathOf(request, owner.ids, owner.ids), { body });
				expect([200, 202, 204, 409]).toContain(status);
			},
		);
	},
);

describe("a stranger", () => {
	it("lists nothing of the owner, whatever the filter", async () => {
		const { owner, stranger } = await neighbourhood();
		const { queue } = owner.ids;
		const lists = [
			...["/v1/tasks?limit=100", `/v1/tasks?queue=${queue}`, `/v1/tasks?queue=${queue}&status=pending`],
			...[
				"/v1/tasks?status=pending",
				"/v1/tasks?status=failed",
				"/v1/tasks?offset=1",
				"/v1/queues",
				"/v1/apikeys",
			],
		];
		for (const url of lists) {
			const { status, body } = await stranger.request("GET", url);
			expect(status).toBe(200);
			expect(JSON.stringify(body)).not.toContain("owner");
		}
		expect((await stranger.request("GET", `/v1/tasks?queue=${queue}`)).body.tasks).toEqual([]);
	});

	it("sees its own tasks, and no others, with the owner's cursor", async () => {
		const { owner, stranger } = await neighbourhood();
		const late = await owner.request("POST", "/v1/tasks", {
			body: { queue: owner.ids.queue, webhook_url: "https://example.com/", delay: 60 },
		});
		for (const [cursor, expected] of [
			[owner.cursor, 0],
			[encodeCursor(late.body.id), 2],
		] as const) {
			for (const filter of ["", "&status=pending", "&status=failed", `&queue=${owner.ids.queue}`]) {
				const { status, body } = await stranger.request("GET", `/v1/tasks?cursor=${cursor}${filter}`);
				expect(status).toBe(200);
				expect(JSON.stringify(body)).not.toContain("owner");
				if (filter === "") expect(body.tasks).toHaveLength(expected);
			}
		}
	});

	it("is told the same of the owner's cursor as of one that nobody was given", async () => {
		const { owner, stranger } = await neighbourhood();
		const late = await owner.request("POST", "/v1/tasks", {
			body: { queue: owner.ids.queue, webhook_url: "https://example.com/", delay: 60 },
		});
		// The same place in time, but no task.
		const nobodys = `${late.body.id.slice(0, -6)}000000`;
		const urls = [late.body.id, nobodys].map((id: string) => `/v1/tasks?limit=1&cursor=${encodeCursor(id)}`);
		const [foreign, unknown] = await Promise.all(urls.map((url) => stranger.request("GET", url)));
		expect(foreign).toStrictEqual(unknown);
	});

	it.each(["/v1/tasks", "/v1/tasks/batch"])(
		"has idempotency keys of its own in %s, even if they read the same",
		async (path) => {
			const { owner, stranger } = await neighbourhood();
			const headers = { "idempotency-key": "the same" };
			const bodyWith = (delay: number) => {
				const task = { queue: "fresh", webhook_url: "https://example.com/", delay };
				return path.endsWith("batch") ? { tasks: [task] } : task;
			};
			const owners = await owner.request("POST", path, { body: bodyWith(60), headers });
			const strangers = await stranger.request("POST", path, { body: bodyWith(61), headers });
			expect(strangers.status).toBe(owners.status);
			expect(strangers.headers["idempotent-replayed"]).toBeUndefined();
			expect(JSON.stringify(strangers.body)).toContain('"delay":61');
		},
	);

	it.each(["/v1/tasks", "/v1/tasks/batch"])(
		"gets a queue of its own by POST %s to the name of the owner's",
		async (path) => {
			const { world, owner, stranger } = await neighbourhood();
			const before = storedOf(world, owner.teamId);
			const task = { queue: owner.ids.queue, webhook_url: "https://example.com/", delay: 60 };
			const created = await stranger.request("POST", path, {
				body: path.endsWith("batch") ? { tasks: [task] } : task,
			});
			// The owner's queue has 0, and a new one 3.
			expect(JSON.stringify(created.body)).toContain('"max_retries":3');
			expect(storedOf(world, owner.teamId)).toStrictEqual(before);
		},
	);
});
