import { setTimeout as sleep } from "node:timers/promises";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import {
	CreateScheduleGroupCommand,
	DeleteScheduleGroupCommand,
	ListSchedulesCommand,
} from "@aws-sdk/client-scheduler";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type AwsClients, awsClients } from "../../lambda/adapters/aws/clients.ts";
import { DataKeys } from "../../lambda/adapters/aws/data-keys.ts";
import { EventBridgeTaskScheduler } from "../../lambda/adapters/aws/eventbridge-task-scheduler.ts";
import { SqsDeliveryQueue } from "../../lambda/adapters/aws/sqs-delivery-queue.ts";
import { SqsWorkQueue } from "../../lambda/adapters/aws/sqs-work-queue.ts";
import { DataKeyCipher } from "../../lambda/adapters/data-key-cipher.ts";
import { systemClock } from "../../lambda/adapters/system.ts";
import { createTable, Lanes } from "../support/aws-resources.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { eventually } from "../support/eventually.ts";
import { hasMiniStack, type MiniStack, START_WITHIN_MS, startMiniStack } from "../support/ministack.ts";
import { type DeliveryQueueHarness, deliveryQueueContract } from "./delivery-queue.contract.ts";
import { keyCipherContract } from "./key-cipher.contract.ts";
import { type TaskSchedulerHarness, taskSchedulerContract } from "./task-scheduler.contract.ts";
import { type WorkQueueHarness, workQueueContract } from "./work-queue.contract.ts";

/** SQS waits whole seconds, MiniStack looks for due schedules every second. */
const PRECISION_MS = 1_100;

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

describe.skipIf(!hasMiniStack())("AWS delivery", () => {
	let miniStack: MiniStack;
	let clients: AwsClients;
	let made = 0;

	beforeAll(async () => {
		miniStack = await startMiniStack();
		for (const [name, value] of Object.entries(miniStack.environment)) vi.stubEnv(name, value);
		clients = awsClients();
	}, START_WITHIN_MS);
	afterAll(async () => {
		vi.unstubAllEnvs();
		await miniStack?.stop();
	});

	const makeLanes = (): Promise<Lanes> => {
		made += 1;
		return Lanes.create(clients.sqs, `contract-${made}`);
	};

	/** The receiving end of some queues. */
	const receiving = (lanes: Lanes): Omit<DeliveryQueueHarness, "queue"> => ({
		now: () => Date.now(),
		waitUntil: (instant) => sleep(instant - Date.now() + PRECISION_MS),
		receive: async () =>
			(await lanes.receive()).map(({ MessageId = "", Body = "", Attributes }) => ({
				messageId: MessageId,
				body: Body,
				receiveCount: Number(Attributes?.ApproximateReceiveCount),
			})),
		delete: (messages) => lanes.delete(messages.map(({ messageId }) => messageId)),
		returnReceived: () => lanes.returnReceived(),
		close: () => lanes.close(),
	});

	const makeQueue = async (): Promise<DeliveryQueueHarness & { lanes: Lanes }> => {
		const lanes = await makeLanes();
		const queue = new SqsDeliveryQueue({ client: clients.sqs, queueUrls: lanes.urls, clock: systemClock });
		return { lanes, queue, ...receiving(lanes) };
	};

	/** One queue like the lanes is all that it takes. */
	const makeWorkQueue = async (): Promise<WorkQueueHarness> => {
		const lanes = await makeLanes();
		const queueUrl = lanes.urls.normal;
		const queue = new SqsWorkQueue({ client: clients.sqs, queueUrl, clock: systemClock });
		return { queue, ...receiving(lanes) };
	};

	const makeScheduler = async (): Promise<TaskSchedulerHarness & { group: string }> => {
		const lanes = await makeLanes();
		const group = `contract-${made}`;
		await clients.scheduler.send(new CreateScheduleGroupCommand({ Name: group }));
		const { Attributes } = await clients.sqs.send(
			new GetQueueAttributesCommand({ QueueUrl: lanes.urls.low, AttributeNames: ["QueueArn"] }),
		);
		const scheduler = new EventBridgeTaskScheduler({
			client: clients.scheduler,
			queueUrls: lanes.urls,
			group,
			roleArn: "arn:aws:iam::000000000000:role/scheduler",
			deadLetterArn: Attributes?.QueueArn ?? "",
		});
		return {
			scheduler,
			group,
			now: () => Date.now(),
			waitUntilFired: (instant) => sleep(instant - Date.now() + 2 * PRECISION_MS),
			receive: async () => {
				const messages = await lanes.receive();
				await lanes.delete(messages.map(({ MessageId = "" }) => MessageId));
				return messages.map(({ Body = "" }) => Body);
			},
			close: async () => {
				await clients.scheduler.send(new DeleteScheduleGroupCommand({ Name: group }));
				await lanes.close();
			},
		};
	};

	const makeCipherHarness = async () => {
		made += 1;
		const tableName = await createTable(clients.dynamodb, `contract-${made}`);
		const { KeyMetadata } = await clients.kms.send(new CreateKeyCommand({}));
		const { kms, dynamodb } = clients;
		const keyId = KeyMetadata?.Arn ?? "";
		const coldStart = (): DataKeyCipher =>
			new DataKeyCipher(new DataKeys({ kms, keyId, dynamodb, tableName, clock: systemClock }));
		const close = async () => {
			await dynamodb.send(new DeleteTableCommand({ TableName: tableName }));
		};
		return { cipher: coldStart(), coldStart, close };
	};

	deliveryQueueContract("SQS", makeQueue);
	workQueueContract("SQS", makeWorkQueue);
	taskSchedulerContract("EventBridge Scheduler", makeScheduler);
	keyCipherContract("KMS", makeCipherHarness);

	it("SQS learns the tenant of every message, sent alone or with others", async () => {
		const { lanes, queue, now, close } = await makeQueue();
		const message = (name: string) => messageDueAt(now(), { team_id: "acme", queue: name });
		await queue.send([message("alone")]);
		await queue.send([message("with"), message("others")]);
		const groups = (await lanes.receive()).map(({ Attributes }) => Attributes?.MessageGroupId);
		expect(groups.toSorted()).toEqual(["acme/alone", "acme/others", "acme/with"]);
		await close();
	});

	it("Scheduler keeps nothing of a schedule that has fired", async () => {
		const { scheduler, group, now, close } = await makeScheduler();
		const fireAt = now() + 1_000;
		await scheduler.schedule(messageDueAt(fireAt), fireAt);
		const isEmpty = async () => {
			const { Schedules } = await clients.scheduler.send(new ListSchedulesCommand({ GroupName: group }));
			return Schedules?.length === 0 || undefined;
		};
		expect(await isEmpty()).toBeUndefined();
		await eventually("the schedule to remove itself", isEmpty);
		await close();
	});

	it("KMS gives two cold starts that race the same data key", async () => {
		const { coldStart, close } = await makeCipherHarness();
		const ciphers = Array.from({ length: 5 }, coldStart);
		const texts = await Promise.all(
			ciphers.map((cipher, index) => cipher.encrypt("acme", `secret ${index}`)),
		);
		const late = coldStart();
		expect(await Promise.all(texts.map((text) => late.decrypt("acme", text)))).toEqual(
			ciphers.map((_, index) => `secret ${index}`),
		);
		await close();
	});
});
