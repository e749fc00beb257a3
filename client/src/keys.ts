import type { Api, CallOptions } from "./api.ts";
import type { ApiKey, IssuedApiKey, NewApiKey } from "./api-key.ts";

const PATH = ["v1", "apikeys"] as const;

const pathOf = (id: string): readonly string[] => [...PATH, id];

/** What makes a secret is not repeated: an answer that is lost takes its secret along. */
export class Keys {
	readonly #api: Api;

	constructor(api: Api) {
		this.#api = api;
	}

	list(options?: CallOptions): Promise<{ api_keys: readonly ApiKey[] }> {
		return this.#api.send({ method: "GET", path: PATH }, options);
	}

	/** A new key of the team. Keep `key`: it is shown this once. */
	create(key: NewApiKey, options?: CallOptions): Promise<IssuedApiKey> {
		return this.#api.send({ method: "POST", path: PATH, body: key, isRepeatable: false }, options);
	}

	/** A new secret; the old one works and co-signs for `overlap_seconds` more, a day by default. */
	rotate(
		id: string,
		overlap: Readonly<{ overlap_seconds?: number | undefined }> = {},
		options?: CallOptions,
	): Promise<IssuedApiKey> {
		const path = [...pathOf(id), "rotate"];
		return this.#api.send({ method: "POST", path, body: overlap, isRepeatable: false }, options);
	}

	/** Ends a key's access. Tasks that it created are still delivered. */
	revoke(id: string, options?: CallOptions): Promise<void> {
		return this.#api.send({ method: "DELETE", path: pathOf(id) }, options);
	}
}
