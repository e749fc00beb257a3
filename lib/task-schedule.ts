import { Aws, Stack, Validations } from "aws-cdk-lib";
import { Grant, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { DeadLetters } from "./dead-letters.ts";
import type { DeliveryLanes } from "./delivery-lanes.ts";
import type { ServiceFunction } from "./service-function.ts";

type TaskScheduleProps = Readonly<{ lanes: DeliveryLanes; deadLetters: DeadLetters }>;

/** Where delays beyond 15 minutes wait: a schedule group, and the role its schedules send to the lanes with. */
export class TaskSchedule extends Construct {
	readonly role: Role;
	/** Takes the messages of schedules that could not fire. */
	readonly deadLetterQueue: Queue;
	readonly #group: CfnScheduleGroup;

	constructor(scope: Construct, id: string, { lanes, deadLetters }: TaskScheduleProps) {
		super(scope, id);
		this.#group = new CfnScheduleGroup(this, "Group");
		// Without the conditions any schedule of any account could borrow the role (confused deputy).
		this.role = new Role(this, "Role", {
			description: "AsyncQueue: EventBridge Scheduler sends due tasks to the lanes",
			assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
				conditions: {
					StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": this.#group.attrArn },
				},
			}),
		});
		this.deadLetterQueue = deadLetters.addQueue("Schedules");
		lanes.grantSend(this.role);
		Grant.addToPrincipal({
			grantee: this.role,
			actions: ["sqs:SendMessage"],
			resourceArns: [this.deadLetterQueue.queueArn],
		});
	}

	get groupName(): string {
		return this.#group.ref;
	}

	/** Lets `grantee` handle the schedules of this group; creating one includes handing it the role. */
	grant(grantee: ServiceFunction, ...actions: ("CreateSchedule" | "DeleteSchedule")[]): void {
		const schedules = Stack.of(this).formatArn({
			service: "scheduler",
			resource: "schedule",
			resourceName: `${this.groupName}/*`,
		});
		Grant.addToPrincipal({
			grantee,
			actions: actions.map((action) => `scheduler:${action}`),
			resourceArns: [schedules],
		});
		const group = Stack.of(this).getLogicalId(this.#group);
		Validations.of(grantee.executionRole).acknowledge({
			id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<${group}>/*]`,
			reason:
				"Schedules are named after tasks, so their names are not known here; the group holds nothing else.",
		});
		if (!actions.includes("CreateSchedule")) return;
		Grant.addToPrincipal({
			grantee,
			actions: ["iam:PassRole"],
			resourceArns: [this.role.roleArn],
			conditions: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
		});
	}
}
