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

/** A page that may load nothing and run nothing. */
export const html = (body: string): ApiResult => ({
	statusCode: 200,
	headers: {
		"content-type": "text/html; charset=utf-8",
		"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
		"x-content-type-options": "nosniff",
	},
	body,
});

/** A response without a body. */
export const noContent = (): ApiResult => ({ statusCode: 204, headers: {} });
