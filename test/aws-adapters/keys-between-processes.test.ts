import { randomBytes } from "node:crypto";
import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import {
	DecryptCommand,
	type DecryptCommandInput,
	GenerateDataKeyCommand,
	KMSClient,
} from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DataKeys } from "../../lambda/adapters/aws/data-keys.ts";
import { DynamoKeyStore } from "../../lambda/adapters/aws/dynamo-key-store.ts";
import { CachedKeyCipher } from "../../lambda/adapters/cached-key-cipher.ts";
import { CachedKeyStore } from "../../lambda/adapters/cached-key-store.ts";
import { DataKeyCipher } from "../../lambda/adapters/data-key-cipher.ts";
import { hashSecret } from "../../lambda/core/api-key.ts";
import type { Ports } from "../../lambda/ports.ts";
import { authenticate } from "../../lambda/usecases/authenticate.ts";
import { createApiKey, type IssuedApiKey } from "../../lambda/usecases/create-api-key.ts";
import { retireDataKeys, rotateDataKey } from "../../lambda/usecases/rotate-data-key.ts";
import { signingSecrets } from "../../lambda/usecases/signing-secrets.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import {
	type DynamoDbLocal,
	hasDynamoDbLocal,
	patient,
	startDynamoDbLocal,
	type TestTable,
} from "../support/dynamodb-local.ts";
import { keyStories } from "../support/key-stories.ts";
import { newApiKey } from "../support/server-process.ts";
import { NOON } from "../support/unique-tasks.ts";

const STEP_MS = 7_000;

/** Keys that are used at each step, of all that there are. */
const LATEST = 3;

/** A KMS that wraps by turning bytes round. */
const kms = mockClient(KMSClient);
beforeEach(() => {
	kms.reset();
	kms.on(GenerateDataKeyCommand).callsFake(async () => {
		const Plaintext = randomBytes(32);
		return { Plaintext, CiphertextBlob: Plaintext.toReversed() };
	});
	kms.on(DecryptCommand).callsFake(async ({ CiphertextBlob }: DecryptCommandInput) => ({
		Plaintext: CiphertextBlob?.toReversed(),
	}));
});

vi.setConfig(patient);

describe.skipIf(!hasDynamoDbLocal())("processes over one table", () => {
	let dynamoDb: DynamoDbLocal;
	let table: TestTable;
	beforeAll(async () => {
		dynamoDb = await startDynamoDbLocal();
	});
	afterAll(() => dynamoDb?.stop());
	beforeEach(async () => {
		table = await dynamoDb.createTable();
	});

	const dataKeysOf = (clock: VirtualClock) =>
		new DataKeys({
			kms: new KMSClient({}),
			keyId: "key",
			dynamodb: table.client,
			tableName: table.tableName,
			clock,
		});

	keyStories("DynamoDB", () => ({
		store: new DynamoKeyStore(table),
		cipherOf: (clock) => new DataKeyCipher(dataKeysOf(clock)),
	}));

	/** What an invocation has to do with keys. It has just started: nothing is remembered. */
	const coldStart = (clock: VirtualClock) => {
		const dataKeys = dataKeysOf(clock);
		const ports = {
			keys: new CachedKeyStore({ store: new DynamoKeyStore(table), clock, timer: clock }),
			cipher: new CachedKeyCipher(new DataKeyCipher(dataKeys), clock),
			clock,
			timer: clock,
			random: { bytes: (length: number) => randomBytes(length), ulid: () => crypto.randomUUID() },
		} as Partial<Ports> as Ports;
		return { ...ports, dataKeys };
	};

	const ciphertexts = async (): Promise<string[]> => {
		const { keys } = await new DynamoKeyStore(table).walk();
		return keys.flatMap(({ secrets }) => secrets.map(({ ciphertext }) => ciphertext));
	};

	describe("the rotation of the data key", () => {
		let clock: VirtualClock;
		let issued: IssuedApiKey[];
		beforeEach(() => {
			clock = new VirtualClock(NOON);
			issued = [];
		});

		const issueIn = async (ports: Ports) => {
			issued.push(await createApiKey(ports, `team-${issued.length}`, { name: "ci", mode: "live" }));
		};
		/** What requests and deliveries do. */
		const useIn = async (ports: Ports) => {
			await issueIn(ports);
			for (const { key, secret } of [...issued.slice(0, 1), ...issued.slice(-LATEST)]) {
				expect(await authenticate(ports, secret)).toMatchObject({ keyId: key.id });
				expect(await signingSecrets(ports, key.teamId, key.id)).toEqual([secret]);
			}
		};
		/** Goes on as long as `work` does, with two old processes and a new one at each step. */
		const useWhile = async <Result>(processes: readonly Ports[], work: Promise<Result>): Promise<Result> => {
			let isDone = false;
			const working = work.finally(() => {
				isDone = true;
			});
			working.catch(() => undefined);
			for (let steps = 0; !isDone && steps < 100; steps += 1) {
				for (const ports of [...processes, coldStart(clock)]) await useIn(ports);
				clock.advanceBy(STEP_MS);
			}
			return working;
		};

		it("fails no request of any process at any time, and ends with one data key that protects everything", async () => {
			const [here, there] = [coldStart(clock), coldStart(clock)];
			await useIn(here);
			await useIn(there);
			for (const text of await ciphertexts()) expect(text).toMatch(/^v1\./);
			const operator = coldStart(clock);
			const rotated = await useWhile([here, there], rotateDataKey(operator));
			expect(rotated.version).toBe(2);
			expect(rotated.resealed).toBeGreaterThanOrEqual(2);
			const startedAt = clock.now();
			const retired = await useWhile([here, there], retireDataKeys(coldStart(clock)));

			expect(retired).toMatchObject({ version: 2, removed: [1] });
			expect(clock.now() - startedAt).toBeLessThanOrEqual(2 * operator.dataKeys.settleMs + 2 * STEP_MS);
			expect(await operator.dataKeys.list()).toMatchObject([{ version: 2 }]);
			for (const text of await ciphertexts()) expect(text).toMatch(/^v2\./);
			await useIn(here);
			await useIn(coldStart(clock));
		});

		it("is taken up by running processes within 30 s: then they encrypt under the new one", async () => {
			const here = coldStart(clock);
			await issueIn(here);
			await coldStart(clock).dataKeys.add();
			await issueIn(here);
			clock.advanceBy(30_000);
			await issueIn(here);
			expect((await ciphertexts()).map((text) => text.slice(0, 3)).sort()).toEqual(["v1.", "v1.", "v2."]);
		});

		it("that broke off is finished by retiring, however far it got", async () => {
			const here = coldStart(clock);
			await useIn(here);
			await coldStart(clock).dataKeys.add();
			await coldStart(clock).dataKeys.add();
			await issueIn(here);
			const retired = await useWhile([here], retireDataKeys(coldStart(clock)));
			expect(retired).toMatchObject({ version: 3, removed: [1, 2] });
			expect(new Set((await ciphertexts()).map((text) => text.slice(0, 3)))).toEqual(new Set(["v3."]));
		});

		it("removes nothing while a secret does not open, and names its key", async () => {
			const here = coldStart(clock);
			await issueIn(here);
			await issueIn(here);
			const [broken] = issued;
			if (!broken) throw new Error("there is no key");
			const [secret] = broken.key.secrets;
			await new DynamoKeyStore(table).reseal(broken.key, [`${secret?.ciphertext.slice(0, -8)}AAAAAAAA`]);
			const rotating = useWhile([], rotateDataKey(coldStart(clock)));
			issued = [];
			await expect(rotating).rejects.toThrow(broken.key.id);
			await expect(useWhile([], retireDataKeys(coldStart(clock)))).rejects.toThrow(broken.key.id);
			expect(await here.dataKeys.list()).toMatchObject([{ version: 1 }, { version: 2 }]);
		});

		it("can be begun by two operators at once", async () => {
			await issueIn(coldStart(clock));
			await Promise.all([rotateDataKey(coldStart(clock)), rotateDataKey(coldStart(clock))]);
			await useIn(coldStart(clock));
		});

		it("has nothing to do where there is one data key, and says so where there is none", async () => {
			await expect(retireDataKeys(coldStart(clock))).rejects.toThrow("no data key yet");
			await issueIn(coldStart(clock));
			expect(await retireDataKeys(coldStart(clock))).toEqual({ version: 1, resealed: 0, removed: [] });
		});
	});

	it("do not sign with ciphertexts that were swapped between teams", async () => {
		const clock = new VirtualClock(NOON);
		const here = coldStart(clock);
		const [one, other] = [
			await createApiKey(here, "team-a", { name: "ci", mode: "live" }),
			await createApiKey(here, "team-b", { name: "ci", mode: "live" }),
		];
		const write = async ({ key }: IssuedApiKey, from: IssuedApiKey) => {
			const { Item } = await table.client.send(
				new GetItemCommand({
					TableName: table.tableName,
					Key: { pk: { S: `K#${from.key.teamId}` }, sk: { S: from.key.id } },
				}),
			);
			return () =>
				table.client.send(
					new UpdateItemCommand({
						TableName: table.tableName,
						Key: { pk: { S: `K#${key.teamId}` }, sk: { S: key.id } },
						UpdateExpression: "SET secrets = :secrets",
						ExpressionAttributeValues: { ":secrets": Item?.["secrets"] ?? { NULL: true } },
					}),
				);
		};
		const writes = [await write(one, other), await write(other, one)];
		for (const swapped of writes) await swapped();

		for (const { key } of [one, other])
			await expect(signingSecrets(coldStart(clock), key.teamId, key.id)).rejects.toMatchObject({
				reason: "signing_key_unreadable",
			});
		// The secret that leads to a key must be one that the key has.
		await expect(authenticate(coldStart(clock), one.secret)).rejects.toThrow("Invalid or revoked");
	});

	it("ask the table as often for a key that was revoked as for one that never was", async () => {
		const clock = new VirtualClock(NOON);
		const store = new DynamoKeyStore(table);
		const { key, secret } = await createApiKey(coldStart(clock), "team-a", { name: "ci", mode: "live" });
		await store.revoke("team-a", key.id, NOON);
		const send = vi.spyOn(table.client, "send");
		const readsFor = async (wrong: string) => {
			send.mockClear();
			await store.findByHash(hashSecret(wrong));
			return send.mock.calls.map(([command]) => command.constructor.name);
		};
		const revoked = await readsFor(secret);
		expect(revoked.length).toBeGreaterThan(0);
		for (const wrong of [newApiKey(), "no key at all"]) expect(await readsFor(wrong)).toEqual(revoked);
		send.mockRestore();
	});
});
