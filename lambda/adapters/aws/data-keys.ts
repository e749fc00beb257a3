import { createSecretKey, type KeyObject } from "node:crypto";
import {
	ConditionalCheckFailedException,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";

/**
 * What KMS binds the wrapped keys to. Nothing in it names the deployment: a table that is restored under another
 * name must still open.
 */
const ENCRYPTION_CONTEXT = { "asyncqueue:purpose": "api-keys" };

const PARTITION = "C#data-key";

type Options = Readonly<{ kms: KMSClient; keyId: string; dynamodb: DynamoDBClient; tableName: string }>;

/** Where a version of the data key is kept. */
const addressOf = (version: string) => ({ pk: { S: PARTITION }, sk: { S: version } });

const bytesOf = (bytes: Uint8Array | undefined, what: string): Uint8Array => {
	if (!bytes) throw new Error(`There is no ${what}`);
	return bytes;
};

/**
 * The data keys of this deployment, in the table as KMS wrapped them and in the memory of this process as they are.
 * KMS is asked once per process and version.
 */
export class DataKeys {
	readonly #options: Options;
	readonly #known = new Map<string, Promise<KeyObject>>();

	constructor(options: Options) {
		this.#options = options;
	}

	/** The key of that version, made if this is the first time that it is needed. */
	getOrCreate(version: string): Promise<KeyObject> {
		return this.#remember(version, async () => {
			const wrapped = await this.#read(version);
			return wrapped ? this.#unwrap(wrapped) : this.#create(version);
		});
	}

	/** The key of that version, which something was encrypted with. */
	get(version: string): Promise<KeyObject> {
		return this.#remember(version, async () =>
			this.#unwrap(bytesOf(await this.#read(version), `data key ${version}; was the table emptied?`)),
		);
	}

	/** Shares one look-up among everybody who asks; a failed one is forgotten. */
	#remember(version: string, find: () => Promise<KeyObject>): Promise<KeyObject> {
		const known = this.#known.get(version);
		if (known) return known;
		const found = find().catch((error) => {
			this.#known.delete(version);
			throw error;
		});
		this.#known.set(version, found);
		return found;
	}

	async #read(version: string): Promise<Uint8Array | undefined> {
		const { dynamodb, tableName } = this.#options;
		const { Item } = await dynamodb.send(
			new GetItemCommand({ TableName: tableName, Key: addressOf(version), ConsistentRead: true }),
		);
		return Item?.["wrapped"]?.B;
	}

	/** Two processes may come here at once: the first write stands, and the other takes that key instead of its own. */
	async #create(version: string): Promise<KeyObject> {
		const { kms, keyId, dynamodb, tableName } = this.#options;
		const { Plaintext, CiphertextBlob } = await kms.send(
			new GenerateDataKeyCommand({
				KeyId: keyId,
				KeySpec: "AES_256",
				EncryptionContext: ENCRYPTION_CONTEXT,
			}),
		);
		const wrapped = bytesOf(CiphertextBlob, "wrapped data key in the answer of KMS");
		try {
			await dynamodb.send(
				new PutItemCommand({
					TableName: tableName,
					Item: { ...addressOf(version), wrapped: { B: wrapped } },
					ConditionExpression: "attribute_not_exists(pk)",
					ReturnValuesOnConditionCheckFailure: "ALL_OLD",
				}),
			);
		} catch (error) {
			if (!(error instanceof ConditionalCheckFailedException)) throw error;
			return this.#unwrap(bytesOf(error.Item?.["wrapped"]?.B, "wrapped data key in the table"));
		}
		return createSecretKey(bytesOf(Plaintext, "data key in the answer of KMS"));
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
