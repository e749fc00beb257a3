import {
	ConflictException,
	CreateScheduleCommand,
	type CreateScheduleCommandInput,
	DeleteScheduleCommand,
	ResourceNotFoundException,
	SchedulerClient,
	ThrottlingException,
} from "@aws-sdk/client-scheduler";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { EventBridgeTaskScheduler } from "../../lambda/adapters/aws/eventbridge-task-scheduler.ts";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import { taskIdFor } from "../../lambda/core/task-id.ts";

const FIRE_AT = Date.UTC(2027, 1, 3, 4, 5, 6, 789);
const deadLetterArn = "arn:aws:sqs:eu-west-1:123456789012:stack-dlq";
const roleArn = "arn:aws:iam::123456789012:role/scheduler";
const queueUrls = {
	high: "https://sqs.eu-west-1.amazonaws.com/123456789012/stack-high",
	normal: "https://sqs.eu-west-1.amazonaws.com/123456789012/stack-normal",
	low: "https://sqs.eu-west-1.amazonaws.com/123456789012/stack-low",
};
const message: DeliveryMessage = {
	team_id: "acme",
	task_id: taskIdFor("01KAR00000000000000000000Z", "emails"),
	queue: "emails",
	priority: 9,
	attempt: 21,
	due_at: FIRE_AT + 90_000,
};

const mock = mockClient(SchedulerClient);
const scheduler = new EventBridgeTaskScheduler({
	client: new SchedulerClient({}),
	queueUrls,
	group: "group",
	roleArn,
	deadLetterArn,
});
const answer = { $metadata: {}, message: "", Message: "" };

beforeEach(() => {
	mock.reset();
	mock.on(CreateScheduleCommand).resolves({});
	mock.on(DeleteScheduleCommand).resolves({});
});

const created = (): CreateScheduleCommandInput[] =>
	mock.commandCalls(CreateScheduleCommand).map(({ args }) => args[0].input);

describe("a schedule", () => {
	it("fires once, in UTC, and removes itself", async () => {
		await scheduler.schedule(message, FIRE_AT);
		expect(created()).toMatchObject([
			{
				GroupName: "group",
				ScheduleExpression: "at(2027-02-03T04:05:06)",
				ScheduleExpressionTimezone: "UTC",
				FlexibleTimeWindow: { Mode: "OFF" },
				ActionAfterCompletion: "DELETE",
			},
		]);
	});

	it("is named after task and attempt, in the letters that Scheduler takes", async () => {
		await scheduler.schedule(message, FIRE_AT);
		expect(created()[0]?.Name).toBe(`${message.task_id}-21`);
		expect(created()[0]?.Name).toMatch(/^[0-9A-Za-z_.-]{1,64}$/);
	});

	it("sends the whole message to the lane of its priority", async () => {
		await scheduler.schedule({ ...message, priority: 1 }, FIRE_AT);
		expect(created()[0]?.Target).toEqual({
			Arn: "arn:aws:sqs:eu-west-1:123456789012:stack-low",
			Input: JSON.stringify({ ...message, priority: 1 }),
			RoleArn: roleArn,
			DeadLetterConfig: { Arn: deadLetterArn },
		});
	});

	it("is there already when its name is taken", async () => {
		mock.on(CreateScheduleCommand).rejects(new ConflictException(answer));
		await expect(scheduler.schedule(message, FIRE_AT)).resolves.toBeUndefined();
	});

	it("is an error when Scheduler refuses for another reason", async () => {
		mock.on(CreateScheduleCommand).rejects(new ThrottlingException(answer));
		await expect(scheduler.schedule(message, FIRE_AT)).rejects.toThrow(ThrottlingException);
	});

	it("is an error when its group is gone", async () => {
		mock.on(CreateScheduleCommand).rejects(new ResourceNotFoundException(answer));
		await expect(scheduler.schedule(message, FIRE_AT)).rejects.toThrow(ResourceNotFoundException);
	});
});

describe("unscheduling", () => {
	it("deletes the schedule of the task's attempt", async () => {
		await scheduler.unschedule(message);
		const [call] = mock.commandCalls(DeleteScheduleCommand);
		expect(call?.args[0].input).toEqual({ Name: `${message.task_id}-21`, GroupName: "group" });
	});

	it("is done when there is no such schedule", async () => {
		mock.on(DeleteScheduleCommand).rejects(new ResourceNotFoundException(answer));
		await expect(scheduler.unschedule(message)).resolves.toBeUndefined();
	});

	it("is an error when Scheduler refuses for another reason", async () => {
		mock.on(DeleteScheduleCommand).rejects(new ThrottlingException(answer));
		await expect(scheduler.unschedule(message)).rejects.toThrow(ThrottlingException);
	});
});
