import { defaultQueueSettings, patchedSettings } from "../lambda/core/queue.ts";
import { apiHandler } from "../lambda/handlers/api.ts";
import { deliverHandler } from "../lambda/handlers/deliver.ts";
import { workHandler } from "../lambda/handlers/work.ts";
import type { Ports } from "../lambda/ports.ts";
import { createApiKey } from "../lambda/usecases/create-api-key.ts";
import { apiEvent } from "../test/support/api-events.ts";
import type { DynamoDbLocal } from "../test/support/dynamodb-local.ts";
import { accessLogBytes } from "./access-log.ts";
import type { FunctionMemory } from "./assumptions.ts";
import { httpApiRequests, type Invocation, LOG_KILOBYTE, type Usage, usageOf } from "./billed-units.ts";
import type { CostCase } from "./cases.ts";
import { type Consumers, type Handled, handleAll } from "./handle-messages.ts";
import { type InvocationFigures, invocationFigures, measured, totalGbSeconds } from "./invocations.ts";
import { type MeteredWorld, meteredWorld } from "./metered-world.ts";
import { createRequest, type Sender } from "./task-requests.ts";

/** Tasks that go ahead uncounted: they fill the caches of all functions, which a busy function finds full. */
const WARM_UP_TASKS = 20;

const TEAM = "acme";

export type Stage = Readonly<{
	dynamoDb: DynamoDbLocal;
	webhookOrigin: string;
	memory: FunctionMemory;
	tasks: number;
}>;

export type CaseFigures = Readonly<{
	perTask: Usage;
	api: InvocationFigures;
	/** One for each time that all messages were handed over. */
	deliveries: readonly InvocationFigures[];
	works: InvocationFigures;
}>;

type Functions = Consumers & Readonly<{ api: ReturnType<typeof apiHandler> }>;

const createAll = async (
	{ api }: Functions,
	{ tally }: MeteredWorld,
	kind: CostCase,
	sender: Sender,
	tasks: number,
): Promise<Invocation[]> => {
	const invocations: Invocation[] = [];
	for (let made = 0; made < tasks; made += kind.perRequest) {
		const event = createRequest(kind, sender);
		const { result, invocation } = await measured(() => api(event, {}));
		const { statusCode = 0, body = "" } = result;
		if (statusCode >= 300 || body.includes('"error"')) throw new Error(`A create was answered with ${body}`);
		tally.add("httpApiRequests", httpApiRequests(Buffer.byteLength(event.body ?? "")));
		tally.add("apiInvocations");
		tally.add("logKilobytes", accessLogBytes() / LOG_KILOBYTE);
		invocations.push(invocation);
	}
	return invocations;
};

/** Of the request itself only what it does to the queue counts: it is one for any number of tasks. */
const askFor = async ({ api }: Functions, sender: Sender, action: "pause" | "resume"): Promise<void> => {
	const headers = { authorization: `Bearer ${sender.secret}` };
	const { statusCode } = await api(apiEvent("POST", `/v1/queues/${sender.queue}/${action}`, { headers }), {});
	if (statusCode !== 200) throw new Error(`A ${action} was answered with ${statusCode}`);
};

type Sent = Handled & Readonly<{ created: Invocation[] }>;

/** Sends tasks all the way. */
const sendAll = async (
	functions: Functions,
	world: MeteredWorld,
	kind: CostCase,
	sender: Sender,
	tasks: number,
): Promise<Sent> => {
	if (kind.isPaused) await askFor(functions, sender, "pause");
	const created = await createAll(functions, world, kind, sender, tasks);
	const handled = await handleAll(world, functions);
	if (!kind.isPaused) return { created, ...handled };
	await askFor(functions, sender, "resume");
	const { deliveries, works } = await handleAll(world, functions);
	return {
		created,
		deliveries: [...handled.deliveries, ...deliveries],
		works: [...handled.works, ...works],
	};
};

/** A queue that is set up as the case wants it, and known to answer quickly, as queues are after their first calls. */
const makeQueue = async ({ queues, clock }: Ports, name: string, { settings = {} }: CostCase) => {
	const now = clock.now();
	const queue = { teamId: TEAM, name, settings: patchedSettings(defaultQueueSettings, settings) };
	await queues.create({ ...queue, createdAt: now, updatedAt: now, quickAt: now });
};

const prepare = async (world: MeteredWorld, kind: CostCase, webhookOrigin: string) => {
	const ports = world.newPorts();
	const { secret } = await createApiKey(ports, TEAM, { name: "Production", mode: "live" });
	const sender = { secret, queue: "orders", webhookOrigin };
	await makeQueue(ports, sender.queue, kind);
	const functions: Functions = {
		api: world.newFunction(apiHandler),
		deliver: world.newFunction(deliverHandler),
		work: world.newFunction(workHandler),
	};
	await sendAll(functions, world, kind, sender, WARM_UP_TASKS);
	world.tally.reset();
	return { functions, sender };
};

const figuresOf = (
	{ created, deliveries, works }: Sent,
	used: Usage,
	{ memory, tasks }: Stage,
): CaseFigures => {
	const api = invocationFigures(created, memory.api);
	const rounds = deliveries.map((round) => invocationFigures(round, memory.deliver));
	const all: Usage = {
		...used,
		apiGbSeconds: api.gbSeconds,
		deliverGbSeconds: rounds.reduce((sum, { gbSeconds }) => sum + gbSeconds, 0),
		workGbSeconds: totalGbSeconds(works, memory.work),
	};
	return {
		perTask: usageOf((unit) => all[unit] / tasks),
		api,
		deliveries: rounds,
		works: invocationFigures(works, memory.work),
	};
};

/** Sends tasks of one kind all the way and counts what each of them uses. */
export const measureCase = async (stage: Stage, kind: CostCase): Promise<CaseFigures> => {
	const { dynamoDb, webhookOrigin, tasks } = stage;
	const table = await dynamoDb.createTable();
	const world = meteredWorld(dynamoDb, table);
	try {
		const { functions, sender } = await prepare(world, kind, webhookOrigin);
		let sent: Sent = { created: [], deliveries: [], works: [] };
		const { wru, rru } = await world.capacity.of(async () => {
			sent = await sendAll(functions, world, kind, sender, tasks);
		});
		return figuresOf(sent, { ...world.tally.usage(), writeUnits: wru, readUnits: rru }, stage);
	} finally {
		world.close();
		await dynamoDb.deleteTable(table);
	}
};
