import {
	type Attribute,
	AttributeType,
	Billing,
	ProjectionType,
	TableEncryptionV2,
	TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { dynamoTable } from "../lambda/adapters/aws/dynamo-table.ts";
import type { StackConfig } from "./stack-config.ts";

type TableAction = "BatchWriteItem" | "DeleteItem" | "GetItem" | "PutItem" | "Query" | "Scan" | "UpdateItem";

/**
 * Partitions that only the API works with, as patterns of their keys (`table-keys.ts`): what leads from a secret to its
 * API key, answers to repeated requests, and what teams have left of their rate limit.
 */
export const API_PARTITIONS = ["S#*", "I#*", "L#*"];

/** Those, and the API keys with their ciphertexts, and the wrapped data keys that open them. */
export const KEY_PARTITIONS = [...API_PARTITIONS, "K#*", "C#*"];

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });

/** Tasks, queues, keys: everything at rest, in one table. */
export class TaskStorage extends Construct {
	readonly table: TableV2;

	constructor(scope: Construct, id: string, { removalPolicy, isProtected }: StackConfig) {
		super(scope, id);
		const { partitionKey, sortKey, timeToLiveAttribute, failedIndex } = dynamoTable;
		this.table = new TableV2(this, "Table", {
			partitionKey: text(partitionKey),
			sortKey: text(sortKey),
			timeToLiveAttribute,
			globalSecondaryIndexes: [
				{
					indexName: failedIndex.indexName,
					partitionKey: text(failedIndex.partitionKey),
					sortKey: text(failedIndex.sortKey),
					projectionType: ProjectionType[failedIndex.projection],
				},
			],
			billing: Billing.onDemand(),
			encryption: TableEncryptionV2.dynamoOwnedKey(),
			pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
			deletionProtection: isProtected,
			removalPolicy,
		});
	}

	/** Lets `grantee` do just these things. Transactions need what their writes need. */
	grant(grantee: IGrantable, ...actions: TableAction[]): void {
		Grant.addToPrincipal({
			grantee,
			actions: actions.map((action) => `dynamodb:${action}`),
			resourceArns: [this.table.tableArn],
		});
	}

	/**
	 * The same, but not in `partitions`, which are patterns of partition keys. A scan names no partition, so it cannot be
	 * kept from any.
	 */
	grantExcept(grantee: IGrantable, partitions: readonly string[], ...actions: TableAction[]): void {
		Grant.addToPrincipal({
			grantee,
			actions: actions.map((action) => `dynamodb:${action}`),
			resourceArns: [this.table.tableArn],
			conditions: { "ForAllValues:StringNotLike": { "dynamodb:LeadingKeys": partitions } },
		});
	}

	/** Lets `grantee` list failed tasks. */
	grantQueryFailed(grantee: IGrantable): void {
		Grant.addToPrincipal({
			grantee,
			actions: ["dynamodb:Query"],
			resourceArns: [`${this.table.tableArn}/index/${dynamoTable.failedIndex.indexName}`],
		});
	}
}
