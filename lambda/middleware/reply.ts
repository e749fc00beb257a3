import type { ApiResult } from "./api-event.ts";

/** A JSON response. */
export const json = (
	statusCode: number,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
): ApiResult => ({
	statusCode,
	headers: { "content-type": "application/json", ...headers },
	body: JSON.stringify(body),
});

/** A response without a body. */
export const noContent = (): ApiResult => ({ statusCode: 204, headers: {} });
