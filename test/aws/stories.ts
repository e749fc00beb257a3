import assert from "node:assert/strict";
import { QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { linePartition, queuePartition, taskItemKey } from "../../lambda/adapters/aws/table-keys.ts";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import { lineShard } from "../../lambda/core/waiting-rank.ts";
import type { WorkMessage } from "../../lambda/core/work-message.ts";
import type { ApiClient } from "../support/api-client.ts";
import { eventually } from "../support/eventually.ts";
import type { Hook, WebhookReceiver } from "../support/webhook-receiver.ts";
import type { TaskView } from "../support/wire-format.ts";
import type { Clients } from "./clients.ts";
import type { Deployment } from "./deployment.ts";

export type Stage = Readonly<{
	deployment: Deployment;
	team: string;
	api: ApiClient;
	receiver: WebhookReceiver;
	clients: Clients;
}>;

/** A worker that is cut off in the middle leaves its message hidden for 180 s, a pump for 240 s. */
const RECOVERED_WITHIN_MS = 300_000;
const ONE_YEAR_SECONDS = 31_536_000;

const scheduleNames = async ({ deployment, clients }: Stage): Promise<string[]> => {
	const GroupName = deployment.environment["SCHEDULER_GROUP"];
	const { Schedules = [] } = await clients.scheduler.send(new ListSchedulesCommand({ GroupName }));
	return Schedules.map(({ Name = "" }) => Name);
};

/** A delay beyond 15 minutes is one schedule, which a cancel takes away. */
export const waitsAsSchedule = async (stage: Stage): Promise<string> => {
	const { api, receiver } = stage;
	const webhook_url = receiver.hook().url;
	const task = await api.createTask({ queue: "far", webhook_url, delay: ONE_YEAR_SECONDS });
	assert.ok((await scheduleNames(stage)).includes(`${task.id}-1`));

	await api.expectCall(200, "DELETE", `/v1/tasks/${task.id}`);

	assert.ok(!(await scheduleNames(stage)).includes(`${task.id}-1`));
	return "a delay of a year is one schedule, and none after its cancel";
};

/** A task whose message is gone; `dueAt` is written into the table. */
const taskWithoutMessage = async (
	{ api, clients, deployment, team }: Stage,
	hook: Hook,
	dueAt: number,
): Promise<TaskView> => {
	const task = await api.createTask({ queue: "repair", webhook_url: hook.url, delay: 600 });
	await clients.sqs.send(new PurgeQueueCommand({ QueueUrl: deployment.environment["QUEUE_URL_NORMAL"] }));
	const { pk = "", sk = "" } = taskItemKey({ teamId: team, taskId: task.id }) ?? {};
	await clients.dynamodb.send(
		new UpdateItemCommand({
			TableName: deployment.environment["TABLE_NAME"],
			Key: { pk: { S: pk }, sk: { S: sk } },
			UpdateExpression: "SET due_at = :dueAt",
			ConditionExpression: "attribute_exists(due_at)",
			ExpressionAttributeValues: { ":dueAt": { N: String(dueAt) } },
		}),
	);
	return task;
};

/** An hour after its queue was purged, a task is found by the operator's command and delivered. */
export const isReconciled = async (stage: Stage): Promise<string> => {
	const hook = stage.receiver.hook();
	const task = await taskWithoutMessage(stage, hook, Date.now() - 3_600_000);

	assert.deepEqual(await stage.deployment.admin("reconcile"), { pages: 1, stalled: 1, jobs: 0 });

	assert.equal((await hook.arrival(1)).body.task_id, task.id);
	return "a task whose queue was purged is delivered after `admin reconcile`";
};

const sendToDeadLetters = async (
	{ clients, deployment }: Stage,
	message: DeliveryMessage | WorkMessage,
): Promise<void> => {
	const deadLetters = deployment.environment["SCHEDULER_DLQ_ARN"]?.split(":").at(-1);
	const lane = deployment.environment["QUEUE_URL_NORMAL"] ?? "";
	await clients.sqs.send(
		new SendMessageCommand({
			QueueUrl: `${lane.slice(0, lane.lastIndexOf("/"))}/${deadLetters}`,
			MessageBody: JSON.stringify(message),
		}),
	);
};

/** What is left of a task in a dead-letter queue is enough to deliver it. The drain waits a minute: come back for it. */
export const leaveDeadLetter = async (stage: Stage): Promise<() => Promise<string>> => {
	const { receiver, team } = stage;
	const hook = receiver.hook();
	const dueAt = Date.now();
	const task = await taskWithoutMessage(stage, hook, dueAt);
	const message: DeliveryMessage = {
		team_id: team,
		task_id: task.id,
		queue: task.queue,
		priority: task.priority,
		attempt: 1,
		due_at: dueAt,
	};
	await sendToDeadLetters(stage, message);
	return async () => {
		assert.equal((await hook.arrival(1, RECOVERED_WITHIN_MS)).body.task_id, task.id);
		return "a task in a dead-letter queue is drained and delivered";
	};
};

/** A task in the waiting line of a paused queue, which then is not paused any more; but nobody is told. */
const forgottenInLine = async (
	{ api, clients, deployment, team: teamId }: Stage,
	name: string,
	hook: Hook,
): Promise<TaskView> => {
	const TableName = deployment.environment["TABLE_NAME"];
	await api.expectCall(200, "PUT", `/v1/queues/${name}`, { json: { paused: true } });
	const task = await api.createTask({ queue: name, webhook_url: hook.url });
	const inLine = new QueryCommand({
		TableName,
		KeyConditionExpression: "pk = :pk",
		ExpressionAttributeValues: { ":pk": { S: linePartition({ teamId, name }, lineShard(task.id)) } },
	});
	await eventually("the task to be in line", async () => (await clients.dynamodb.send(inLine)).Items?.[0]);
	await clients.dynamodb.send(
		new UpdateItemCommand({
			TableName,
			Key: { pk: { S: queuePartition(teamId) }, sk: { S: name } },
			UpdateExpression: "SET settings.paused = :no",
			ConditionExpression: "settings.paused = :yes",
			ExpressionAttributeValues: { ":no": { BOOL: false }, ":yes": { BOOL: true } },
		}),
	);
	return task;
};

/** A message about a waiting line that ended in a dead-letter queue has the line worked off after all, a minute later. */
export const leaveDeadWork = async (stage: Stage): Promise<() => Promise<string>> => {
	const hook = stage.receiver.hook();
	const task = await forgottenInLine(stage, "forgotten", hook);
	const about = { team_id: stage.team, queue: "forgotten", due_at: Date.now() };
	await sendToDeadLetters(stage, { kind: "pump", ...about });
	return async () => {
		assert.equal((await hook.arrival(1, RECOVERED_WITHIN_MS)).body.task_id, task.id);
		return "a waiting line is worked off after its message was a dead letter";
	};
};

/** Tasks that fall due before, during and after `change` all arrive, and the key goes on working. */
export const survivesUpgrade = async (
	{ api, receiver }: Stage,
	change: () => Promise<void>,
): Promise<string> => {
	const hook = receiver.hook();
	const priorities = [9, 5, 2];
	const created = await Promise.all(
		Array.from({ length: 45 }, (_, n) =>
			api.createTask({
				queue: `upgrade-${n % 5}`,
				webhook_url: hook.url,
				delay: 1 + n,
				priority: priorities[n % priorities.length] ?? 5,
			}),
		),
	);

	await change();

	const arrived = () => new Set(hook.arrivals.map((call) => call.body.task_id));
	const isComplete = () => arrived().size === created.length || undefined;
	await eventually("every task to arrive", isComplete, RECOVERED_WITHIN_MS);
	for (const { id } of created) assert.ok(arrived().has(id), `${id} arrived`);
	await Promise.all(created.map(({ id }) => api.taskInStatus(id, "completed")));
	return `${created.length} waiting tasks, ${hook.arrivals.length} calls, none lost over the upgrade`;
};

/** With a limit of 100 requests, however many instances there are: so the limit of the table, not of one of them. */
export const limitsTeams = async (api: ApiClient): Promise<string> => {
	const answers = await Promise.all(Array.from({ length: 120 }, () => api.call("GET", "/v1/tasks?limit=1")));
	const [served = [], refused = []] = [200, 429].map((code) =>
		answers.filter(({ status }) => status === code),
	);
	assert.equal(served.length + refused.length, answers.length);
	assert.ok(served.length <= 100 && served.length >= 50, `${served.length} of 120 requests were served`);
	for (const { headers } of answers) assert.equal(headers["ratelimit-policy"], '"team";q=100;w=60');
	for (const { headers } of refused) assert.ok(Number(headers["retry-after"]) > 0);
	return `a team limited to 100 requests a minute got ${served.length} of 120`;
};
