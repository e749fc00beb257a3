import { randomBytes } from "node:crypto";
import {
	ConditionalCheckFailedException,
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	type PutItemCommandInput,
	QueryCommand,
} from "@aws-sdk/client-dynamodb";
import {
	DecryptCommand,
	type DecryptCommandInput,
	GenerateDataKeyCommand,
	KMSClient,
} from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { DataKeys } from "../../lambda/adapters/aws/data-keys.ts";
import { DataKeyCipher } from "../../lambda/adapters/data-key-cipher.ts";
import { UnreadableSecretError } from "../../lambda/core/data-key.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";

const kms = mockClient(KMSClient);
const dynamodb = mockClient(DynamoDBClient);

/** What the table holds: version → wrapped key. */
let table: Map<string, Uint8Array>;

/** A KMS that wraps by turning bytes round, and a table of one kind of item. */
const reset = () => {
	table = new Map();
	kms.reset();
	dynamodb.reset();
	kms.on(GenerateDataKeyCommand).callsFake(async () => {
		const Plaintext = randomBytes(32);
		return { Plaintext, CiphertextBlob: Plaintext.toReversed() };
	});
	kms.on(DecryptCommand).callsFake(async ({ CiphertextBlob }: DecryptCommandInput) => ({
		Plaintext: CiphertextBlob?.toReversed(),
	}));
	dynamodb.on(GetItemCommand).callsFake(async ({ Key }) => {
		const wrapped = table.get(Key.sk.S);
		return wrapped ? { Item: { wrapped: { B: wrapped } } } : {};
	});
	dynamodb.on(QueryCommand).callsFake(async () => ({
		Items: Array.from(table.keys(), (version) => ({ sk: { S: version } })),
	}));
	dynamodb.on(PutItemCommand).callsFake(async ({ Item }: PutItemCommandInput) => {
		const version = Item?.["sk"]?.S ?? "";
		const standing = table.get(version);
		if (standing)
			throw new ConditionalCheckFailedException({
				$metadata: {},
				message: "",
				Item: { sk: { S: version }, wrapped: { B: standing } },
			});
		table.set(version, Item?.["wrapped"]?.B ?? new Uint8Array());
		return {};
	});
};
beforeEach(reset);

const clock = new VirtualClock(Date.UTC(2026, 10, 23));

const dataKeys = (): DataKeys =>
	new DataKeys({
		kms: new KMSClient({}),
		keyId: "key-1",
		dynamodb: new DynamoDBClient({}),
		tableName: "table",
		clock,
	});

/** The cipher of a process that has just started. */
const coldStart = (): DataKeyCipher => new DataKeyCipher(dataKeys());

describe("the data key", () => {
	it("is made once, wrapped by KMS for this purpose alone, and kept in the table", async () => {
		await coldStart().encrypt("acme", "secret");
		expect(kms.commandCalls(GenerateDataKeyCommand)[0]?.args[0].input).toEqual({
			KeyId: "key-1",
			KeySpec: "AES_256",
			EncryptionContext: { "asyncqueue:purpose": "api-keys" },
		});
		expect(dynamodb.commandCalls(PutItemCommand)[0]?.args[0].input).toMatchObject({
			TableName: "table",
			Item: {
				pk: { S: "C#data-key" },
				sk: { S: "v1" },
				wrapped: { B: expect.any(Uint8Array) },
				created_at: { N: String(clock.now()) },
			},
			ConditionExpression: "attribute_not_exists(pk)",
		});
		await coldStart().encrypt("acme", "secret");
		expect(kms.commandCalls(GenerateDataKeyCommand)).toHaveLength(1);
	});

	it("is unwrapped once per cold start, however many ask at the same time", async () => {
		const text = await coldStart().encrypt("acme", "secret");
		kms.resetHistory();
		const cipher = coldStart();
		await Promise.all(Array.from({ length: 20 }, () => cipher.decrypt("acme", text)));
		await cipher.encrypt("acme", "another");
		expect(kms.calls()).toHaveLength(1);
		expect(kms.commandCalls(DecryptCommand)[0]?.args[0].input).toMatchObject({
			KeyId: "key-1",
			EncryptionContext: { "asyncqueue:purpose": "api-keys" },
		});
	});

	it("is the same for two cold starts that race to make it", async () => {
		const [one, two] = [coldStart(), coldStart()];
		const [fromOne, fromTwo] = await Promise.all([one.encrypt("acme", "a"), two.encrypt("acme", "b")]);
		expect(kms.commandCalls(GenerateDataKeyCommand)).toHaveLength(2);
		expect(await one.decrypt("acme", fromTwo)).toBe("b");
		expect(await two.decrypt("acme", fromOne)).toBe("a");
		expect(await coldStart().decrypt("acme", fromOne)).toBe("a");
	});

	it("is asked for again after a failure", async () => {
		const text = await coldStart().encrypt("acme", "secret");
		const cipher = coldStart();
		kms.resetHistory();
		kms
			.on(DecryptCommand)
			.rejectsOnce(new Error("KMS is down"))
			.callsFake(async (input) => ({
				Plaintext: input.CiphertextBlob.toReversed(),
			}));
		await expect(cipher.decrypt("acme", text)).rejects.toThrow("KMS is down");
		expect(await cipher.decrypt("acme", text)).toBe("secret");
	});

	it("is never made anew for something that was encrypted already", async () => {
		const text = await coldStart().encrypt("acme", "secret");
		table.clear();
		await expect(coldStart().decrypt("acme", text)).rejects.toThrow(UnreadableSecretError);
		expect(table.size).toBe(0);
	});

	it("is not made when the table cannot be written", async () => {
		dynamodb.on(PutItemCommand).rejects(new Error("throttled"));
		await expect(coldStart().encrypt("acme", "secret")).rejects.toThrow("throttled");
	});
});

describe("a ciphertext", () => {
	it("says which data key it needs, so that a later one can take over", async () => {
		const cipher = coldStart();
		expect(await cipher.encrypt("acme", "secret")).toMatch(/^v1\.[\w-]+$/);
		await expect(cipher.decrypt("acme", "v2.AAAA")).rejects.toThrow("data key v2");
	});

	it("that belongs to another team is told from one that cannot be opened now", async () => {
		const text = await coldStart().encrypt("acme", "secret");
		await expect(coldStart().decrypt("other", text)).rejects.toThrow(UnreadableSecretError);
		dynamodb.on(GetItemCommand).rejects(new Error("throttled"));
		await expect(coldStart().decrypt("acme", text)).rejects.not.toThrow(UnreadableSecretError);
	});

	it.each(["", "v1", "v1.", "1.AAAA", "v1.AA.AA", "v0.AA"])("that reads %j is refused", async (text) => {
		await expect(coldStart().decrypt("acme", text)).rejects.toThrow("unknown format");
	});
});
