import type { ApiKeyMode } from "./api-key.ts";

/** Who makes a request: a team, by one of its keys. */
export type Principal = Readonly<{ teamId: string; keyId: string; mode: ApiKeyMode }>;
