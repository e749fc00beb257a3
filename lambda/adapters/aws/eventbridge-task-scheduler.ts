import {
	ConflictException,
	CreateScheduleCommand,
	DeleteScheduleCommand,
	ResourceNotFoundException,
	type SchedulerClient,
	type Target,
} from "@aws-sdk/client-scheduler";
import type { DeliveryMessage } from "../../core/delivery-message.ts";
import { laneOf } from "../../core/lane.ts";
import type { TaskScheduler } from "../../ports.ts";
import type { LaneUrls } from "./sqs-delivery-queue.ts";

type Options = Readonly<{
	client: SchedulerClient;
	queueUrls: LaneUrls;
	group: string;
	/** What Scheduler assumes to send. */
	roleArn: string;
	/** Takes messages that Scheduler could not send. In the account and Region of the lanes. */
	deadLetterArn: string;
}>;

/** At most 64 letters, digits, `-`, `_` and `.`; one attempt of a task has one schedule at most. */
const scheduleName = ({ task_id, attempt }: DeliveryMessage): string => `${task_id}-${attempt}`;

/** `at()` takes whole seconds without a zone; UTC is said beside it. */
const atExpression = (epochMs: number): string => `at(${new Date(epochMs).toISOString().slice(0, 19)})`;

/** The ARN of a queue beside the queue of `siblingArn`. */
const queueArn = (queueUrl: string, siblingArn: string): string =>
	siblingArn.slice(0, siblingArn.lastIndexOf(":") + 1) + queueUrl.slice(queueUrl.lastIndexOf("/") + 1);

/** One one-time schedule per waiting message, which removes itself after it has fired. */
export class EventBridgeTaskScheduler implements TaskScheduler {
	readonly #options: Options;

	constructor(options: Options) {
		this.#options = options;
	}

	/**
	 * A schedule that exists already is this message's, because the name says task and attempt. The token is left to
	 * the SDK, which keeps it for its own retries: one that we made from the message could make Scheduler take a
	 * schedule that was deleted meanwhile for the one that is asked for.
	 */
	async schedule(message: DeliveryMessage, fireAt: number): Promise<void> {
		const request = new CreateScheduleCommand({
			Name: scheduleName(message),
			GroupName: this.#options.group,
			ScheduleExpression: atExpression(fireAt),
			ScheduleExpressionTimezone: "UTC",
			FlexibleTimeWindow: { Mode: "OFF" },
			ActionAfterCompletion: "DELETE",
			Target: this.#target(message),
		});
		try {
			await this.#options.client.send(request);
		} catch (error) {
			if (!(error instanceof ConflictException)) throw error;
		}
	}

	async unschedule(message: DeliveryMessage): Promise<void> {
		const GroupName = this.#options.group;
		try {
			await this.#options.client.send(new DeleteScheduleCommand({ Name: scheduleName(message), GroupName }));
		} catch (error) {
			if (!(error instanceof ResourceNotFoundException)) throw error;
		}
	}

	/**
	 * The templated SQS target cannot name a message group for a standard queue. It need not: the message comes early,
	 * calls nothing, and is sent again for the rest of its time, with its group.
	 */
	#target(message: DeliveryMessage): Target {
		const { queueUrls, roleArn, deadLetterArn } = this.#options;
		return {
			Arn: queueArn(queueUrls[laneOf(message.priority)], deadLetterArn),
			RoleArn: roleArn,
			Input: JSON.stringify(message),
			DeadLetterConfig: { Arn: deadLetterArn },
		};
	}
}
