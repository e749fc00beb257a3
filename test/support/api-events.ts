import type { ApiEvent } from "../../lambda/middleware/api-event.ts";

type EventOptions = Readonly<{
	headers?: Readonly<Record<string, string>>;
	/** Sent as it is when a string, as JSON otherwise. */
	body?: unknown;
	base64?: boolean;
}>;

const bodyOf = (body: unknown): string | undefined =>
	body === undefined || typeof body === "string" ? body : JSON.stringify(body);

/** A request as API Gateway's HTTP API hands it over (payload format 2.0). `url` is path and query. */
export const apiEvent = (
	method: string,
	url: string,
	{ headers = {}, body, base64 }: EventOptions = {},
): ApiEvent => {
	const { pathname, search, searchParams } = new URL(url, "https://api.example.com");
	const text = bodyOf(body);
	return {
		version: "2.0",
		routeKey: "$default",
		rawPath: pathname,
		rawQueryString: search.slice(1),
		headers: {
			host: "api.example.com",
			...(text === undefined ? {} : { "content-type": "application/json" }),
			...headers,
		},
		...(search ? { queryStringParameters: Object.fromEntries(searchParams) } : {}),
		requestContext: {
			accountId: "123456789012",
			apiId: "abc123",
			domainName: "api.example.com",
			domainPrefix: "abc123",
			http: { method, path: pathname, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "test" },
			requestId: "request-1",
			routeKey: "$default",
			stage: "$default",
			time: "23/Nov/2026:12:00:00 +0000",
			timeEpoch: Date.UTC(2026, 10, 23, 12),
		},
		...(text === undefined ? {} : { body: base64 ? Buffer.from(text).toString("base64") : text }),
		isBase64Encoded: base64 ?? false,
	};
};
