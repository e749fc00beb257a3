import { CfnOutput, Stack, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { DeadLetterDrain } from "./dead-letter-drain.ts";
import { DeadLetters } from "./dead-letters.ts";
import { DeliveryLanes } from "./delivery-lanes.ts";
import { DeliveryPipeline } from "./delivery-pipeline.ts";
import { ReconcileSchedule } from "./reconcile-schedule.ts";
import { type Monitored, ServiceAlarms } from "./service-alarms.ts";
import { ServiceDashboard } from "./service-dashboard.ts";
import { type ServiceResources, serviceEnvironment } from "./service-resources.ts";
import { SigningKey } from "./signing-key.ts";
import type { StackConfig } from "./stack-config.ts";
import { TaskApi } from "./task-api.ts";
import { TaskSchedule } from "./task-schedule.ts";
import { TaskStorage } from "./task-storage.ts";
import { WorkPipeline } from "./work-pipeline.ts";
import { WorkQueue } from "./work-queue.ts";

/** The whole service: HTTP in, signed webhooks out. */
export class TaskQueueStack extends Stack {
	constructor(scope: Construct, id: string, config: StackConfig) {
		super(scope, id, {
			description: "AsyncQueue: an HTTP task queue",
			terminationProtection: config.isProtected,
		});
		Tags.of(this).add("service", "asyncqueue");
		Tags.of(this).add("stage", config.stage);

		const deadLetters = new DeadLetters(this, "DeadLetters");
		const lanes = new DeliveryLanes(this, "Lanes", deadLetters);
		const resources: ServiceResources = {
			config,
			deadLetters,
			lanes,
			work: new WorkQueue(this, "WorkQueue", deadLetters),
			storage: new TaskStorage(this, "Storage", config),
			signingKey: new SigningKey(this, "SigningKey", config),
			schedule: new TaskSchedule(this, "Schedule", { lanes, deadLetters }),
		};

		const api = new TaskApi(this, "Api", resources);
		const stages = [
			api,
			new DeliveryPipeline(this, "Delivery", resources),
			new WorkPipeline(this, "Work", resources),
			new DeadLetterDrain(this, "DeadLetterDrain", resources),
			new ReconcileSchedule(this, "Reconcile", resources),
		];
		if (config.monitoring) this.#monitor({ resources, functions: stages.map((stage) => stage.function) });

		this.#output("ApiUrl", "Where the API answers", api.url);
		this.#output("TableName", "Tasks, queues and keys", resources.storage.table.tableName);
		this.#output("QuarantineUrl", "Messages for a person to look at", deadLetters.quarantine.queueUrl);
		this.#output(
			"Environment",
			"What `npm run admin` needs",
			this.toJsonString(serviceEnvironment(resources)),
		);
		this.#output(
			"CreateFirstKey",
			"How to make the first API key",
			`npm run admin -- keys create --team my-team --name first --stack ${id}`,
		);
	}

	#monitor(monitored: Monitored): void {
		const alarms = new ServiceAlarms(this, "Alarms", monitored);
		new ServiceDashboard(this, "Dashboard", { ...monitored, alarms: alarms.all });
		this.#output("AlarmTopicArn", "Subscribe to be told of alarms", alarms.topic.topicArn);
	}

	#output(id: string, description: string, value: string): void {
		new CfnOutput(this, id, { description, value });
	}
}
