import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { BATCH_SIZE } from "../lambda/core/delivery-limits.ts";
import type { deliverHandler } from "../lambda/handlers/deliver.ts";
import type { workHandler } from "../lambda/handlers/work.ts";
import { type Invocation, sqsRequests } from "./billed-units.ts";
import { measured } from "./invocations.ts";
import type { QueuedMessage } from "./local-queues.ts";
import { type MeteredWorld, queueUrlOf, WORK_QUEUE_URL } from "./metered-world.ts";

/** The consumers of the queues. */
export type Consumers = Readonly<{
	deliver: ReturnType<typeof deliverHandler>;
	work: ReturnType<typeof workHandler>;
}>;

/** What it took. Deliveries are in the order of rounds: each is one handing over of all messages. */
export type Handled = Readonly<{ deliveries: Invocation[][]; works: Invocation[] }>;

const sqsEvent = (batch: readonly QueuedMessage[]): SQSEvent =>
	({ Records: batch.map(({ id, body }) => ({ messageId: id, body })) }) as unknown as SQSEvent;

/** One batch: received with one call, deleted with one. */
const handleBatch = async (
	{ tally, clock }: MeteredWorld,
	batch: readonly QueuedMessage[],
	handler: (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse>,
): Promise<Invocation> => {
	clock.forwardTo(Math.max(...batch.map(({ visibleAt }) => visibleAt)));
	const { result, invocation } = await measured(() => handler(sqsEvent(batch), {}));
	if (result.batchItemFailures.length > 0) throw new Error("A handler returned messages");
	const bytes = batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
	tally.add("sqsReceives", sqsRequests(bytes) + 1);
	return invocation;
};

const fireSchedules = ({ tally, clock, queues, schedules }: MeteredWorld): void => {
	for (const { fireAt, targetArn, input } of schedules.take()) {
		clock.forwardTo(fireAt);
		tally.add("schedulerInvocations");
		queues.sendFromSchedule(queueUrlOf(targetArn), input);
	}
};

const isWork = (batch: readonly QueuedMessage[]): boolean => batch[0]?.queueUrl === WORK_QUEUE_URL;

/** One message of the work queue after the other: each has an invocation of its own. */
const handleWork = async (
	world: MeteredWorld,
	{ work }: Consumers,
	messages: readonly QueuedMessage[],
): Promise<Invocation[]> => {
	const invocations: Invocation[] = [];
	for (const message of messages) {
		invocations.push(await handleBatch(world, [message], work));
		world.tally.add("workInvocations");
	}
	return invocations;
};

/** Hands everything over until nothing waits any more. */
export const handleAll = async (world: MeteredWorld, consumers: Consumers): Promise<Handled> => {
	const handled: Handled = { deliveries: [], works: [] };
	for (;;) {
		fireSchedules(world);
		const batches = world.queues.takeBatches(BATCH_SIZE);
		if (batches.length === 0) return handled;
		const round: Invocation[] = [];
		for (const batch of batches.filter((each) => !isWork(each))) {
			round.push(await handleBatch(world, batch, consumers.deliver));
			world.tally.add("deliverInvocations");
		}
		if (round.length > 0) handled.deliveries.push(round);
		handled.works.push(...(await handleWork(world, consumers, batches.filter(isWork).flat())));
	}
};
