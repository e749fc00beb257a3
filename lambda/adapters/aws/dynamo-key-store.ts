import * as z from "zod";
import { ApiKey, ApiKeySecret, type Overlap, rotated } from "../../core/api-key.ts";
import { AsyncQueueError } from "../../core/errors.ts";
import type { KeyPage, KeyStore } from "../../key-store.ts";
import { DynamoItems, type ItemWrite, type TableAccess } from "./dynamo-items.ts";
import type { Item } from "./item-values.ts";
import { recordCodec } from "./record-codec.ts";
import { API_KEY_PREFIX, apiKeyPartition, type ItemKey, secretItemKey } from "./table-keys.ts";

const keyCodec = recordCodec(ApiKey.omit({ teamId: true, id: true, secrets: true }));
const secretCodec = recordCodec(ApiKeySecret);

/** Rotations of one key at once are rare: one that loses this often gives up. */
const ROTATE_TRIES = 10;

/** Where a walk goes on. */
const Position = z.object({ pk: z.string(), sk: z.string() });

const IS_API_KEY = { condition: "begins_with(#pk, :prefix)", values: { prefix: API_KEY_PREFIX } };

/** The inverse of `apiKeyPartition`. */
const teamAt = (partition: string): string => partition.slice(API_KEY_PREFIX.length);

const keyItemKey = (teamId: string, keyId: string): ItemKey => ({ pk: apiKeyPartition(teamId), sk: keyId });

const secretItems = (key: ApiKey): Item[] => key.secrets.map((secret) => secretCodec.toItem(secret));

const toKey = (teamId: string, item: Item): ApiKey => ({
	...keyCodec.fromItem(item),
	teamId,
	id: String(item["sk"]),
	secrets: (item["secrets"] as readonly Item[]).map((secret) => secretCodec.fromItem(secret)),
});

/** What leads from a secret's hash to its key, and nowhere when the key has forgotten it. A secret never changes hands. */
const secretWrite = ({ teamId, id }: ApiKey, { hash }: ApiKeySecret): ItemWrite => ({
	put: { ...secretItemKey(hash), team_id: teamId, key_id: id },
	provided: {
		condition: "attribute_not_exists(#pk) OR (#team_id = :team_id AND #key_id = :key_id)",
		values: { team_id: teamId, key_id: id },
	},
});

/** That the key has exactly these secrets. */
const unlessChanged = (key: ApiKey) => ({
	condition: "attribute_exists(#pk) AND #secrets = :secrets",
	values: { secrets: secretItems(key) },
});

/** API keys in DynamoDB: an item per key, and an item per secret to find its key by. */
export class DynamoKeyStore implements KeyStore {
	readonly #items: DynamoItems;

	constructor(table: TableAccess) {
		this.#items = new DynamoItems(table);
	}

	async put(key: ApiKey): Promise<void> {
		const { teamId, id, secrets } = key;
		const item = { ...keyCodec.toItem(key), ...keyItemKey(teamId, id), secrets: secretItems(key) };
		const refused = await this.#items.transact([
			{ put: item },
			...secrets.map((secret) => secretWrite(key, secret)),
		]);
		if (refused.length > 0) throw new Error(`A secret of ${id} belongs to another API key`);
	}

	async get(teamId: string, keyId: string): Promise<ApiKey | undefined> {
		const item = await this.#items.get(keyItemKey(teamId, keyId));
		return item && toKey(teamId, item);
	}

	async findByHash(hash: string): Promise<ApiKey | undefined> {
		const owner = await this.#items.get(secretItemKey(hash));
		// Two reads in any case: an answer's time must not tell a secret that was revoked from one that never was.
		const { team_id: teamId = "nobody", key_id: keyId = "none" } = owner ?? {};
		const key = await this.get(String(teamId), String(keyId));
		return key?.secrets.some((secret) => secret.hash === hash) ? key : undefined;
	}

	async list(teamId: string): Promise<readonly ApiKey[]> {
		const items = await this.#items.queryAll(apiKeyPartition(teamId), true);
		// Stable: keys of the same millisecond stay in the order of their ids.
		return items.map((item) => toKey(teamId, item)).sort((a, b) => a.createdAt - b.createdAt);
	}

	async revoke(teamId: string, keyId: string, at: number): Promise<ApiKey | undefined> {
		const { done, item } = await this.#items.update(keyItemKey(teamId, keyId), {
			condition: "attribute_exists(#pk)",
			set: {},
			compute: "#revoked_at = if_not_exists(#revoked_at, :at)",
			values: { at },
		});
		return done ? toKey(teamId, item) : undefined;
	}

	async rotate(
		teamId: string,
		keyId: string,
		secret: ApiKeySecret,
		overlap: Overlap,
	): Promise<ApiKey | undefined> {
		for (let tries = 1; tries <= ROTATE_TRIES; tries += 1) {
			const key = await this.get(teamId, keyId);
			if (!key || key.revokedAt !== undefined) return key;
			const next = rotated(key, secret, overlap);
			if (await this.#replaceSecrets(key, next, secret)) return next;
		}
		throw new AsyncQueueError("unavailable", "The API key is being changed elsewhere; please try again");
	}

	async walk(cursor?: string): Promise<KeyPage> {
		const startAfter = cursor === undefined ? undefined : Position.parse(JSON.parse(cursor));
		const { items, lastKey } = await this.#items.scan(IS_API_KEY, startAfter);
		return {
			keys: items.map((item) => toKey(teamAt(String(item["pk"])), item)),
			nextCursor: lastKey && JSON.stringify(lastKey),
		};
	}

	async reseal(key: ApiKey, ciphertexts: readonly string[]): Promise<boolean> {
		const secrets = key.secrets.map((secret, index) => ({ ...secret, ciphertext: ciphertexts[index] ?? "" }));
		const { done } = await this.#items.update(keyItemKey(key.teamId, key.id), {
			...unlessChanged(key),
			set: { secrets: secretItems({ ...key, secrets }) },
		});
		return done;
	}

	/** A failure is no reason to refuse the request that the key was used for. */
	async touch(teamId: string, keyId: string, at: number): Promise<void> {
		try {
			await this.#items.update(keyItemKey(teamId, keyId), {
				condition: "attribute_exists(#pk) AND (attribute_not_exists(#last_used_at) OR #last_used_at < :at)",
				set: { last_used_at: at },
				values: { at },
			});
		} catch (error) {
			if (!(error instanceof AsyncQueueError)) throw error;
		}
	}

	/** Stores the secrets of `next`, of which `secret` is new, unless the key is no longer as in `key`. */
	async #replaceSecrets(key: ApiKey, next: ApiKey, secret: ApiKeySecret): Promise<boolean> {
		const refused = await this.#items.transact([
			{
				update: keyItemKey(key.teamId, key.id),
				change: {
					condition: `${unlessChanged(key).condition} AND attribute_not_exists(#revoked_at)`,
					values: unlessChanged(key).values,
					set: { secrets: secretItems(next) },
				},
			},
			secretWrite(key, secret),
		]);
		if (refused.includes(1)) throw new Error(`The new secret of ${key.id} belongs to another API key`);
		return refused.length === 0;
	}
}
