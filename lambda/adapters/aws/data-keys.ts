import { createSecretKey, type KeyObject } from "node:crypto";
import {
	type AttributeValue,
	ConditionalCheckFailedException,
	DeleteItemCommand,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import type { DataKeyVersion } from "../../core/data-key.ts";
import type { DataKeyRing } from "../../data-key-ring.ts";
import type { Clock } from "../../ports.ts";
import type { DataKeySource } from "../data-key-cipher.ts";
import { TtlCache } from "../ttl-cache.ts";

/**
 * What KMS binds the wrapped keys to. Nothing in it names the deployment: a table that is restored under another
 * name must still open.
 */
const ENCRYPTION_CONTEXT = { "asyncqueue:purpose": "api-keys" };

const PARTITION = "C#data-key";

/** How long a process may go on encrypting under a data key that is no longer the newest. */
const NEWEST_TTL_MS = 30_000;

/**
 * When a change has reached everybody: after `NEWEST_TTL_MS`, or the 30 s for which processes remember API keys, and
 * the longest that a request takes between encrypting a secret and writing it (the API's timeout of 28 s).
 */
const SETTLE_MS = 60_000;

type Options = Readonly<{
	kms: KMSClient;
	keyId: string;
	dynamodb: DynamoDBClient;
	tableName: string;
	clock: Clock;
}>;

type StoredKey = Readonly<Record<string, AttributeValue>>;

/** Where a version of the data key is kept. */
const addressOf = (version: number) => ({ pk: { S: PARTITION }, sk: { S: `v${version}` } });

/** Data keys that were made before versions were dated have no `created_at`. */
const toVersion = ({ sk, created_at }: StoredKey): DataKeyVersion => ({
	version: Number(sk?.S?.slice(1)),
	createdAt: Number(created_at?.N ?? 0),
});

const bytesOf = (bytes: Uint8Array | undefined, what: string): Uint8Array => {
	if (!bytes) throw new Error(`There is no ${what}`);
	return bytes;
};

/**
 * The data keys of this deployment, in the table as KMS wrapped them and in the memory of this process as they are.
 * KMS is asked once per process and version.
 */
export class DataKeys implements DataKeySource, DataKeyRing {
	readonly settleMs = SETTLE_MS;
	readonly #options: Options;
	readonly #opened = new Map<number, Promise<KeyObject | undefined>>();
	readonly #newest: TtlCache<DataKeyVersion>;

	constructor(options: Options) {
		this.#options = options;
		this.#newest = new TtlCache({ clock: options.clock, ttlMs: NEWEST_TTL_MS, maxEntries: 1 });
	}

	async newest(): Promise<{ version: number; key: KeyObject }> {
		const load = async () => (await this.list()).at(-1) ?? this.#create(1);
		const version = (await this.#newest.read(PARTITION, load))?.version ?? 1;
		const key = await this.get(version);
		if (!key) throw new Error(`The data key v${version} is gone; was the table emptied?`);
		return { version, key };
	}

	/** Shares one look-up among everybody who asks; one that fails, or finds nothing, is forgotten. */
	get(version: number): Promise<KeyObject | undefined> {
		const known = this.#opened.get(version);
		if (known) return known;
		const forget = () => this.#opened.delete(version);
		const opened = this.#open(version);
		opened.then((key) => key ?? forget(), forget);
		this.#opened.set(version, opened);
		return opened;
	}

	/** Sees every version that was made before. There are never more than a page of them. */
	async list(): Promise<readonly DataKeyVersion[]> {
		const { dynamodb, tableName } = this.#options;
		const { Items = [] } = await dynamodb.send(
			new QueryCommand({
				TableName: tableName,
				KeyConditionExpression: "pk = :pk",
				ExpressionAttributeValues: { ":pk": { S: PARTITION } },
				ConsistentRead: true,
			}),
		);
		return Items.map(toVersion).sort((one, other) => one.version - other.version);
	}

	async add(): Promise<DataKeyVersion> {
		const added = await this.#create(((await this.list()).at(-1)?.version ?? 0) + 1);
		this.#newest.set(PARTITION, added);
		return added;
	}

	async remove(version: number): Promise<void> {
		const { dynamodb, tableName } = this.#options;
		await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: addressOf(version) }));
	}

	/** Two processes may come here at once: the first write stands, and the other takes that key instead of its own. */
	async #create(version: number): Promise<DataKeyVersion> {
		const { kms, keyId, dynamodb, tableName, clock } = this.#options;
		const { CiphertextBlob } = await kms.send(
			new GenerateDataKeyCommand({
				KeyId: keyId,
				KeySpec: "AES_256",
				EncryptionContext: ENCRYPTION_CONTEXT,
			}),
		);
		const wrapped = bytesOf(CiphertextBlob, "wrapped data key in the answer of KMS");
		const item = { ...addressOf(version), wrapped: { B: wrapped }, created_at: { N: String(clock.now()) } };
		try {
			await dynamodb.send(
				new PutItemCommand({
					TableName: tableName,
					Item: item,
					ConditionExpression: "attribute_not_exists(pk)",
					ReturnValuesOnConditionCheckFailure: "ALL_OLD",
				}),
			);
			return toVersion(item);
		} catch (error) {
			if (!(error instanceof ConditionalCheckFailedException)) throw error;
			return toVersion(error.Item ?? item);
		}
	}

	async #open(version: number): Promise<KeyObject | undefined> {
		const { dynamodb, tableName } = this.#options;
		const { Item } = await dynamodb.send(
			new GetItemCommand({ TableName: tableName, Key: addressOf(version), ConsistentRead: true }),
		);
		return Item && this.#unwrap(bytesOf(Item["wrapped"]?.B, `wrapped data key v${version} in the table`));
	}

	async #unwrap(wrapped: Uint8Array): Promise<KeyObject> {
		const { kms, keyId } = this.#options;
		const { Plaintext } = await kms.send(
			new DecryptCommand({
				KeyId: keyId,
				CiphertextBlob: wrapped,
				EncryptionContext: ENCRYPTION_CONTEXT,
			}),
		);
		return createSecretKey(bytesOf(Plaintext, "data key in the answer of KMS"));
	}
}
