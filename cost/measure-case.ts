import type { SQSEvent } from "aws-lambda";
import { BATCH_SIZE } from "../lambda/core/delivery-limits.ts";
import { apiHandler } from "../lambda/handlers/api.ts";
import { deliverHandler } from "../lambda/handlers/deliver.ts";
import { createApiKey } from "../lambda/usecases/create-api-key.ts";
import type { DynamoDbLocal } from "../test/support/dynamodb-local.ts";
import type { FunctionMemory } from "./assumptions.ts";
import { httpApiRequests, type Invocation, sqsRequests, type Usage, usageOf } from "./billed-units.ts";
import type { CostCase } from "./cases.ts";
import { type InvocationFigures, invocationFigures, measured } from "./invocations.ts";
import type { QueuedMessage } from "./local-queues.ts";
import { type MeteredWorld, meteredWorld, queueUrlOf } from "./metered-world.ts";
import { createRequest, type Sender } from "./task-requests.ts";

/** Tasks that go ahead uncounted: they fill the caches of both functions, which a busy function finds full. */
const WARM_UP_TASKS = 20;

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
}>;

type Functions = Readonly<{
	api: ReturnType<typeof apiHandler>;
	deliver: ReturnType<typeof deliverHandler>;
}>;

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
		invocations.push(invocation);
	}
	return invocations;
};

const sqsEvent = (batch: readonly QueuedMessage[]): SQSEvent =>
	({ Records: batch.map(({ id, body }) => ({ messageId: id, body })) }) as unknown as SQSEvent;

/** One full batch: received with one call, deleted with one. */
const deliverBatch = async (
	{ deliver }: Functions,
	{ tally, clock }: MeteredWorld,
	batch: readonly QueuedMessage[],
): Promise<Invocation> => {
	clock.forwardTo(Math.max(...batch.map(({ visibleAt }) => visibleAt)));
	const { result, invocation } = await measured(() => deliver(sqsEvent(batch), {}));
	if (result.batchItemFailures.length > 0) throw new Error("The delivery handler returned messages");
	const bytes = batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
	tally.add("sqsReceives", sqsRequests(bytes) + 1);
	tally.add("deliverInvocations");
	return invocation;
};

const fireSchedules = ({ tally, clock, queues, schedules }: MeteredWorld): void => {
	for (const { fireAt, targetArn, input } of schedules.take()) {
		clock.forwardTo(fireAt);
		tally.add("schedulerInvocations");
		queues.sendFromSchedule(queueUrlOf(targetArn), input);
	}
};

/** Until nothing waits any more. */
const deliverAll = async (functions: Functions, world: MeteredWorld): Promise<Invocation[][]> => {
	const rounds: Invocation[][] = [];
	for (;;) {
		fireSchedules(world);
		const batches = world.queues.takeBatches(BATCH_SIZE);
		if (batches.length === 0) return rounds;
		const round: Invocation[] = [];
		for (const batch of batches) round.push(await deliverBatch(functions, world, batch));
		rounds.push(round);
	}
};

const prepare = async (world: MeteredWorld, kind: CostCase, webhookOrigin: string) => {
	const { secret } = await createApiKey(world.newPorts(), "acme", { name: "Production", mode: "live" });
	const functions = { api: apiHandler(world.newPorts()), deliver: deliverHandler(world.newPorts()) };
	const sender = { secret, queue: "orders", webhookOrigin };
	await createAll(functions, world, kind, sender, WARM_UP_TASKS);
	await deliverAll(functions, world);
	world.tally.reset();
	return { functions, sender };
};

/** Sends tasks of one kind all the way and counts what each of them uses. */
export const measureCase = async (stage: Stage, kind: CostCase): Promise<CaseFigures> => {
	const { dynamoDb, webhookOrigin, memory, tasks } = stage;
	const table = await dynamoDb.createTable();
	const world = meteredWorld(dynamoDb, table);
	try {
		const { functions, sender } = await prepare(world, kind, webhookOrigin);
		let created: Invocation[] = [];
		let delivered: Invocation[][] = [];
		const { wru, rru } = await world.capacity.of(async () => {
			created = await createAll(functions, world, kind, sender, tasks);
			delivered = await deliverAll(functions, world);
		});
		const api = invocationFigures(created, memory.api);
		const deliveries = delivered.map((round) => invocationFigures(round, memory.deliver));
		const used = {
			...world.tally.usage(),
			writeUnits: wru,
			readUnits: rru,
			apiGbSeconds: api.gbSeconds,
			deliverGbSeconds: deliveries.reduce((sum, { gbSeconds }) => sum + gbSeconds, 0),
		};
		return { perTask: usageOf((unit) => used[unit] / tasks), api, deliveries };
	} finally {
		world.close();
		await dynamoDb.deleteTable(table);
	}
};
