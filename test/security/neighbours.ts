import { QueueSettings } from "../../lambda/core/queue.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { type ApiRequest, apiRequestOf } from "../support/api-request.ts";
import { answer } from "../support/scripted-webhooks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";
import type { Parameter } from "./strangers-matrix.ts";

/** Ids and names of one kind each, as they stand in paths. */
export type Ids = Readonly<Record<Parameter, string>>;

/** Well-formed, and given out to nobody. */
export const NOBODYS: Ids = {
	task_id: "task_01KANV8E00ABCDEFGHJKMNPQRS1SVDYG6",
	queue: "nobodys-queue",
	job_id: "job_01KANV8E00ABCDEFGHJKMNPQRS",
	key_id: "key_01KANV8E00ABCDEFGHJKMNPQRS",
};

export type Neighbour = Readonly<{ teamId: string; ids: Ids; cursor: string; request: ApiRequest }>;

const QUEUES = { owner: "invoices", stranger: "reports" } as const;

/** A team with one of everything: a waiting and a failed task, a queue with settings of its own, a job, a spare key. */
const settle = async (
	world: TestWorld,
	teamId: keyof typeof QUEUES,
	taskStatus: "pending" | "failed",
): Promise<Neighbour> => {
	const { secret } = await createApiKey(world.ports, teamId, { name: "in use", mode: "live" });
	const authorization = `Bearer ${secret}`;
	const request: ApiRequest = (method, url, options = {}, ports) =>
		apiRequestOf(world)(method, url, { ...options, headers: { authorization, ...options.headers } }, ports);
	const queue = QUEUES[teamId];
	await request("PUT", `/v1/queues/${queue}`, { body: QueueSettings.parse({ max_retries: 0 }) });
	world.webhooks.willAnswer(answer(500));
	const task = { queue, webhook_url: "https://example.com/hook", payload: { secret: `of ${teamId}` } };
	const failed = await request("POST", "/v1/tasks", { body: task });
	await world.runFor(1);
	const pending = await request("POST", "/v1/tasks", {
		body: { ...task, delay: 3_600 },
		headers: { "idempotency-key": "order-1" },
	});
	const job = await request("POST", `/v1/queues/${queue}/purge`, { body: { status: "completed" } });
	const spare = await request("POST", "/v1/apikeys", { body: { name: "spare" } });
	const { body: page } = await request("GET", "/v1/tasks?limit=1");
	return {
		teamId,
		request,
		cursor: page.pagination.next_cursor,
		ids: {
			task_id: (taskStatus === "pending" ? pending : failed).body.id,
			queue,
			job_id: job.body.id,
			key_id: spare.body.id,
		},
	};
};

/** A world in which `owner` has everything, and `stranger` as much, of its own. */
export const openNeighbourhood = async (taskStatus: "pending" | "failed") => {
	const world = await createTestWorld();
	const owner = await settle(world, "owner", taskStatus);
	const stranger = await settle(world, "stranger", taskStatus);
	return { world, owner, stranger };
};

/** Everything that is stored of a team, table by table. */
export const storedOf = ({ world }: TestWorld, teamId: string): Readonly<Record<string, unknown[]>> => {
	const { database } = world;
	const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
	const rows = tables.map(({ name }) => {
		const all = database.prepare(`SELECT * FROM ${name}`).all();
		// As a column, or in a message.
		const marks = [`"team_id":"${teamId}"`, `\\"team_id\\":\\"${teamId}\\"`];
		return [name, all.filter((row) => marks.some((mark) => JSON.stringify(row).includes(mark)))] as const;
	});
	return Object.fromEntries(rows);
};

/**
 * An answer without what differs from request to request: ids that stand for `named` ones are replaced by their kind,
 * ids and secrets made for the answer by `<new>`.
 */
export const anonymous = (reply: unknown, named: Ids): unknown => {
	let text = JSON.stringify(reply);
	for (const [kind, id] of Object.entries(named)) text = text.replaceAll(id, `<${kind}>`);
	return JSON.parse(text.replace(/(?:task|job|key)_[0-9A-Z]{26,33}|aq_(?:live|test)_[\w-]{32}/g, "<new>"));
};
