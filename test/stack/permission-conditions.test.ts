import type { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, test } from "vitest";
import { DataKeys } from "../../lambda/adapters/aws/data-keys.ts";
import {
	apiKeyPartition,
	budgetSheetKey,
	idempotencyItemKey,
	jobItemKey,
	linePartition,
	overflowPartition,
	pumpSheetKey,
	queuePartition,
	secretItemKey,
	taskItemKey,
} from "../../lambda/adapters/aws/table-keys.ts";
import { systemClock } from "../../lambda/adapters/system.ts";
import { KEY_PARTITIONS } from "../../lib/task-storage.ts";
import { uniqueTask } from "../support/unique-tasks.ts";
import { grantsOf } from "./permissions.ts";
import { synthesize } from "./synthesis.ts";

const template = synthesize();

const PURPOSE = { StringEquals: { "kms:EncryptionContext:asyncqueue:purpose": "api-keys" } };
const TO_SCHEDULER = { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } };

const notIn = (...partitions: string[]) => ({
	"ForAllValues:StringNotLike": { "dynamodb:LeadingKeys": partitions },
});
const API_ONLY = ["S#*", "I#*", "L#*"];
const NO_KEYS = notIn(...API_ONLY, "K#*", "C#*");

describe("every condition is one of these:", () => {
	const reads = ["dynamodb:GetItem", "dynamodb:Query"];
	const writes = ["BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem"].map(
		(action) => `dynamodb:${action}`,
	);
	const ofAll = (actions: string[], condition: unknown) =>
		Object.fromEntries(actions.map((action) => [action, condition]));

	test.each([
		["Api/ApiRole", undefined, undefined],
		["Delivery/DeliverRole", notIn(...API_ONLY), NO_KEYS],
		["Work/WorkRole", notIn(...API_ONLY), NO_KEYS],
		["DeadLetterDrain/DrainRole", notIn(...API_ONLY), NO_KEYS],
		["Reconcile/ReconcileRole", NO_KEYS, NO_KEYS],
		["Schedule/Role", undefined, undefined],
	])("of %s", (role, onReads, onWrites) => {
		const conditions: Record<string, unknown> = {
			...ofAll(reads, onReads),
			...ofAll(writes, onWrites),
			...ofAll(["kms:Decrypt", "kms:GenerateDataKey"], PURPOSE),
			"iam:PassRole": TO_SCHEDULER,
		};
		for (const { action, resource, condition } of grantsOf(template, role)) {
			// The index holds failed tasks alone.
			const expected = resource.endsWith("/index/failed") ? undefined : conditions[action];
			expect({ action, condition }).toStrictEqual({ action, condition: expected });
		}
	});
});

describe("partitions that roles are kept from", () => {
	const queue = { teamId: "T#team", name: "emails" };
	const task = uniqueTask();

	test("are those of keys, and of what only the API keeps", async () => {
		expect(matches(apiKeyPartition("team"))).toStrictEqual(["K#*"]);
		expect(matches(secretItemKey("hash").pk)).toStrictEqual(["S#*"]);
		expect(matches(idempotencyItemKey("team", "key").pk)).toStrictEqual(["I#*"]);
		expect(matches(budgetSheetKey("team", { requests: 100, seconds: 60 }).pk)).toStrictEqual(["L#*"]);
		expect(matches(await dataKeyPartition())).toStrictEqual(["C#*"]);
	});

	test("are none of those that tasks, queues and their lines are in", () => {
		const others = [
			taskItemKey({ teamId: task.teamId, taskId: task.id })?.pk,
			overflowPartition(task.id),
			queuePartition("team"),
			linePartition(queue, 0),
			pumpSheetKey(queue).pk,
			jobItemKey(queue, "job").pk,
		];
		for (const partition of others) expect(matches(partition ?? "K#")).toStrictEqual([]);
	});

	/** Which of the patterns a partition key matches. */
	const matches = (partition: string): string[] =>
		KEY_PARTITIONS.filter((pattern) => partition.startsWith(pattern.slice(0, -1)));

	/** Where the data keys are, as seen by the one who reads them. */
	const dataKeyPartition = async (): Promise<string> => {
		const asked: string[] = [];
		const dynamodb = {
			send: async ({ input }: GetItemCommand) => {
				asked.push(input.Key?.["pk"]?.S ?? "");
				return {};
			},
		} as unknown as DynamoDBClient;
		const keys = new DataKeys({
			kms: {} as KMSClient,
			keyId: "",
			dynamodb,
			tableName: "",
			clock: systemClock,
		});
		expect(await keys.get(1)).toBeUndefined();
		return asked.join();
	};
});
