import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { awsPorts } from "../../lambda/adapters/aws/aws-ports.ts";
import { awsClients } from "../../lambda/adapters/aws/clients.ts";
import { readAwsConfig } from "../../lambda/adapters/aws/config.ts";
import type { Ports } from "../../lambda/ports.ts";
import { authenticate } from "../../lambda/usecases/authenticate.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { signingSecrets } from "../../lambda/usecases/signing-secrets.ts";
import { createTable, Lanes } from "../support/aws-resources.ts";
import { hasMiniStack, type MiniStack, START_WITHIN_MS, startMiniStack } from "../support/ministack.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 30_000 });

describe.skipIf(!hasMiniStack())("npm run admin", () => {
	const folder = makeTemporaryFolder("admin");
	const outputsFile = join(folder.path, "cdk-outputs.json");
	let miniStack: MiniStack;
	let environment: Record<string, string>;
	let lanes: Lanes;

	/** What a new process of the deployment sees: nothing is remembered from one before. */
	const coldStart = (): Ports => awsPorts(readAwsConfig(environment));

	beforeAll(async () => {
		miniStack = await startMiniStack();
		for (const [name, value] of Object.entries(miniStack.environment)) vi.stubEnv(name, value);
		const { dynamodb, sqs, kms } = awsClients();
		lanes = await Lanes.create(sqs, "lane");
		const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
		environment = {
			TABLE_NAME: await createTable(dynamodb, "table"),
			KMS_KEY_ID: KeyMetadata?.Arn ?? "",
			QUEUE_URL_HIGH: lanes.urls.high,
			QUEUE_URL_NORMAL: lanes.urls.normal,
			QUEUE_URL_LOW: lanes.urls.low,
			WORK_QUEUE_URL: lanes.urls.low,
			SCHEDULER_GROUP: "default",
			SCHEDULER_ROLE_ARN: "arn:aws:iam::000000000000:role/scheduler",
			SCHEDULER_DLQ_ARN: "arn:aws:sqs:us-east-1:000000000000:dead-letters",
			LOG_LEVEL: "warn",
		};
		writeFileSync(
			outputsFile,
			JSON.stringify({ "AsyncQueue-dev": { Environment: JSON.stringify(environment) } }),
		);
	}, START_WITHIN_MS);
	afterAll(async () => {
		vi.unstubAllEnvs();
		await miniStack?.stop();
		folder.remove();
	});

	const admin = async (line: string) => {
		const child = spawn(
			process.execPath,
			["bin/admin.ts", ...line.split(" "), "--outputs", outputsFile],
			// No Region: the deployment knows its own.
			{ env: { ...process.env, AWS_REGION: undefined }, stdio: ["ignore", "pipe", "pipe"] },
		);
		const closed = once(child, "close");
		const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
		await closed;
		return { code: child.exitCode, stderr, result: stdout ? JSON.parse(stdout) : undefined };
	};

	it("makes a first key that works, and shows it once", async () => {
		const { code, result } = await admin("keys create --team acme --name ci");
		expect(code).toBe(0);
		expect(result).toEqual({
			id: expect.stringMatching(/^key_/),
			name: "ci",
			mode: "live",
			key: expect.stringMatching(/^aq_live_[\w-]{32}$/),
			created_at: expect.stringMatching(/Z$/),
		});
		const ports = coldStart();
		expect(await authenticate(ports, result.key)).toEqual({ teamId: "acme", keyId: result.id, mode: "live" });
		expect(await signingSecrets(ports, "acme", result.id)).toEqual([result.key]);
		const listed = await admin("keys list --team acme");
		expect(listed.result.api_keys).toMatchObject([
			{ id: result.id, name: "ci", prefix: result.key.slice(0, 12) },
		]);
		expect(JSON.stringify(listed.result)).not.toContain(result.key);
	});

	it("revokes a key", async () => {
		const { result } = await admin("keys create --team other --name old --mode test");
		expect(await admin(`keys revoke --team other --id ${result.id}`)).toMatchObject({
			code: 0,
			result: { id: result.id, revoked: true },
		});
		await expect(authenticate(coldStart(), result.key)).rejects.toThrow("Invalid or revoked API key");
		expect((await admin("keys list --team other")).result.api_keys).toMatchObject([
			{ revoked_at: expect.any(String) },
		]);
	});

	it("rotates the data key; every API key works before and after", async () => {
		const { result: before } = await admin("keys create --team rotated --name before");
		expect(await admin("data-key rotate")).toMatchObject({ code: 0, result: { version: 2 } });
		const { result: after } = await admin("keys create --team rotated --name after");
		for (const { id, key } of [before, after])
			expect(await signingSecrets(coldStart(), "rotated", id)).toEqual([key]);
		const { keys } = await coldStart().keys.walk();
		const ciphertexts = keys.flatMap(({ secrets }) => secrets.map(({ ciphertext }) => ciphertext));
		expect(ciphertexts.filter((ciphertext) => !ciphertext.startsWith("v2."))).toEqual([]);
		const { result } = await admin("data-key list");
		expect(result).toMatchObject({
			data_keys: [{ version: 1 }, { version: 2, created_at: expect.stringMatching(/Z$/) }],
		});
	});

	it("says that there is no such key, and fails", async () => {
		expect(await admin("keys revoke --team acme --id key_1")).toMatchObject({
			code: 1,
			stderr: "There is no API key key_1\n",
		});
	});

	it("sends a new message for a task that lost its own", async () => {
		const hourAgo = Date.now() - 3_600_000;
		const ports: Ports = { ...coldStart(), clock: { now: () => hourAgo } };
		const principal = { teamId: "acme", keyId: "key_1", mode: "live" as const };
		const { task } = await createTask(ports, { principal, newTask: aNewTask() });
		const lost = await lanes.receive();
		await lanes.delete(lost.map(({ MessageId = "" }) => MessageId));
		expect(await admin("reconcile")).toMatchObject({ code: 0, result: { stalled: 1, jobs: 0 } });
		const [message] = await lanes.receive();
		expect(JSON.parse(message?.Body ?? "")).toMatchObject({ task_id: task.id, attempt: 1 });
	});

	it("says in AWS's words what AWS refuses", async () => {
		const broken = { ...environment, TABLE_NAME: "gone" };
		writeFileSync(outputsFile, JSON.stringify({ broken: { Environment: JSON.stringify(broken) } }));
		const { code, stderr } = await admin("keys list --team acme --stack broken");
		expect(code).toBe(1);
		expect(stderr).toMatch(/not found|non-existent/);
		expect(stderr).not.toContain(" at ");
	});

	it("points to its help when it is called wrongly", async () => {
		expect(await admin("keys make")).toMatchObject({
			code: 1,
			stderr: 'There is no command "keys make"\nSee: npm run admin -- --help\n',
		});
	});
});
