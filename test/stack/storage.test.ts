import { describe, expect, test } from "vitest";
import { dynamoTable } from "../../lambda/adapters/aws/dynamo-table.ts";
import { onlyResource, resourcesByPath } from "./resources.ts";
import { synthesize } from "./synthesis.ts";

const dev = synthesize();
const prod = synthesize({ stage: "prod" });
const TABLE = "AWS::DynamoDB::GlobalTable";

describe("the table", () => {
	const { Properties } = onlyResource(dev, TABLE);

	test("has the keys and the index that the stores expect", () => {
		expect(Properties).toMatchObject({
			KeySchema: [
				{ AttributeName: dynamoTable.partitionKey, KeyType: "HASH" },
				{ AttributeName: dynamoTable.sortKey, KeyType: "RANGE" },
			],
			GlobalSecondaryIndexes: [
				{
					IndexName: dynamoTable.failedIndex.indexName,
					KeySchema: [
						{ AttributeName: dynamoTable.failedIndex.partitionKey, KeyType: "HASH" },
						{ AttributeName: dynamoTable.failedIndex.sortKey, KeyType: "RANGE" },
					],
					Projection: { ProjectionType: dynamoTable.failedIndex.projection },
				},
			],
		});
	});

	test("is paid by use, forgets what has expired, and can be restored to any second", () => {
		expect(Properties).toMatchObject({
			BillingMode: "PAY_PER_REQUEST",
			TimeToLiveSpecification: { AttributeName: dynamoTable.timeToLiveAttribute, Enabled: true },
			Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
		});
	});
});

describe("a deleted stack", () => {
	const policies = (template: typeof dev): string[] =>
		[TABLE, "AWS::KMS::Key", "AWS::Logs::LogGroup"]
			.flatMap((type) => Object.values(resourcesByPath(template, type)))
			.flatMap(({ DeletionPolicy, UpdateReplacePolicy }) => [
				DeletionPolicy ?? "",
				UpdateReplacePolicy ?? "",
			]);

	test("of stage dev leaves nothing behind", () => {
		expect(new Set(policies(dev))).toStrictEqual(new Set(["Delete"]));
		expect(onlyResource(dev, TABLE).Properties["Replicas"]).toMatchObject([
			{ DeletionProtectionEnabled: false },
		]);
	});

	test("of stage prod leaves tasks, signing key and logs, and the table cannot be deleted by accident", () => {
		expect(new Set(policies(prod))).toStrictEqual(new Set(["Retain"]));
		expect(onlyResource(prod, TABLE).Properties["Replicas"]).toMatchObject([
			{ DeletionProtectionEnabled: true },
		]);
	});
});
