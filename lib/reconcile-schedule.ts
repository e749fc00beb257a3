import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Construct } from "constructs";
import { ServiceFunction } from "./service-function.ts";
import type { ServiceResources } from "./service-resources.ts";
import { KEY_PARTITIONS } from "./task-storage.ts";

/** Once a day looks for tasks and jobs that should have moved and have not, and sends them again; keeps what has to be kept. */
export class ReconcileSchedule extends Construct {
	readonly function: ServiceFunction;

	constructor(scope: Construct, id: string, resources: ServiceResources) {
		super(scope, id);
		const { storage, lanes, work } = resources;
		const reconcile = new ServiceFunction(this, "Reconcile", resources, {
			entry: "reconcile",
			description: "sends tasks and jobs again whose message was lost",
			memoryMiB: 512,
			timeoutSeconds: 900,
		});
		this.function = reconcile;
		storage.grantExcept(reconcile, KEY_PARTITIONS, "GetItem", "Query", "UpdateItem");
		storage.grant(reconcile, "Scan");
		lanes.grantSend(reconcile);
		work.grantSend(reconcile);
		new Rule(this, "Daily", {
			description: "AsyncQueue: reconciles tasks and messages once a day",
			schedule: Schedule.rate(Duration.days(1)),
			targets: [new LambdaFunction(reconcile)],
		});
	}
}
