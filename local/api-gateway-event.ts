import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiEvent, ApiResult } from "../lambda/middleware/api-event.ts";

const headersOf = ({ headers }: IncomingMessage): Record<string, string> => {
	const joined: Record<string, string> = {};
	for (const name in headers) {
		const value = headers[name];
		if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(",") : value;
	}
	return joined;
};

const queryOf = (queryString: string): Record<string, string> => {
	const query: Record<string, string> = {};
	for (const [name, value] of new URLSearchParams(queryString))
		query[name] = Object.hasOwn(query, name) ? `${query[name]},${value}` : value;
	return query;
};

let logTimeSecond = 0;
let logTimeText = "";

/** Common log format, as API Gateway writes it: `23/Nov/2026:15:01:14 +0000`. Worked out once a second. */
const logTime = (epochMs: number): string => {
	const second = Math.floor(epochMs / 1_000);
	if (second !== logTimeSecond) {
		const [, day, month, year, time] = new Date(epochMs).toUTCString().split(" ");
		logTimeSecond = second;
		logTimeText = `${day}/${month}/${year}:${time} +0000`;
	}
	return logTimeText;
};

/** What API Gateway makes of a request: payload format 2.0 of an HTTP API, stage `$default`. */
export const toApiEvent = (request: IncomingMessage, body: string, requestId: string): ApiEvent => {
	const [rawPath = "/", rawQueryString = ""] = (request.url ?? "/").split("?", 2);
	const headers = headersOf(request);
	const timeEpoch = Date.now();
	return {
		version: "2.0",
		routeKey: "$default",
		rawPath,
		rawQueryString,
		headers,
		...(rawQueryString ? { queryStringParameters: queryOf(rawQueryString) } : {}),
		requestContext: {
			accountId: "000000000000",
			apiId: "local",
			domainName: headers["host"] ?? "localhost",
			domainPrefix: "local",
			http: {
				method: request.method ?? "GET",
				path: rawPath,
				protocol: `HTTP/${request.httpVersion}`,
				sourceIp: request.socket.remoteAddress ?? "",
				userAgent: headers["user-agent"] ?? "",
			},
			requestId,
			routeKey: "$default",
			stage: "$default",
			time: logTime(timeEpoch),
			timeEpoch,
		},
		...(body === "" ? {} : { body }),
		isBase64Encoded: false,
	};
};

/** Writes a handler's result as the HTTP response. */
export const writeApiResult = (response: ServerResponse, result: ApiResult): void => {
	const body = result.body ?? "";
	response.writeHead(result.statusCode ?? 200, {
		...(result.headers as Record<string, string>),
		"content-length": Buffer.byteLength(body),
	});
	response.end(body);
};
