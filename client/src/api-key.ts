/** Instants are ISO 8601 texts. */
export type ApiKey = Readonly<{
	id: string;
	name: string;
	/** Tasks of a `test` key run without a call to the webhook. */
	mode: "live" | "test";
	/** The first characters of the secret. */
	prefix: string;
	created_at: string;
	last_used_at?: string;
	revoked_at?: string;
}>;

/** A key with its secret, which is shown this once. */
export type IssuedApiKey = Readonly<{
	id: string;
	name: string;
	mode: "live" | "test";
	key: string;
	created_at: string;
}>;

export type NewApiKey = Readonly<{ name: string; mode?: "live" | "test" | undefined }>;
