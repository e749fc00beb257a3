import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiEvent, ApiResult } from "../lambda/middleware/api-event.ts";
import type { RequestBody } from "./request-body.ts";

const headersOf = ({ headers }: IncomingMessage): Record<string, string> => {
	const joined: Record<string, string> = Object.create(null);
	for (const name in headers) {
		const value = headers[name];
		if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(",") : value;
	}
	return joined;
};

const queryOf = (queryString: string): Record<string, string> => {
	const query: Record<string, string> = Object.create(null);
	for (const [name, value] of new URLSearchParams(queryString))
		query[name] = name in query ? `${query[name]},${value}` : value;
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

/** Scheme and authority of a target in absolute form, which every server must understand (RFC 9112 §3.2.2). */
const AUTHORITY = /^https?:\/\/[^/?]*/i;

/** Path and query of a request, undecoded. */
const targetOf = ({ url = "/" }: IncomingMessage): readonly [path: string, query: string] => {
	const target = url.startsWith("/") ? url : url.replace(AUTHORITY, "");
	const mark = target.indexOf("?");
	const path = mark < 0 ? target : target.slice(0, mark);
	return [path || "/", mark < 0 ? "" : target.slice(mark + 1)];
};

/** What API Gateway makes of a request: payload format 2.0 of an HTTP API, stage `$default`. */
export const toApiEvent = (
	request: IncomingMessage,
	{ body, isBase64Encoded }: RequestBody,
	requestId: string,
): ApiEvent => {
	const [rawPath, rawQueryString] = targetOf(request);
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
		isBase64Encoded,
	};
};

/** In place of a status: the connection is closed without an answer. No handler that is deployed does that. */
export const NO_ANSWER = 0;

/** Statuses whose responses end with their headers (RFC 9110 §6.4.1). */
const hasNoContent = (status: number): boolean => status === 204 || status === 304;

/** Writes a handler's result as the HTTP response, which `finish` ends with the body. */
export const writeApiResult = (
	response: ServerResponse,
	{ statusCode = 200, headers, body = "" }: ApiResult,
	finish: (body: string) => void = (text) => response.end(text),
): void => {
	if (statusCode === NO_ANSWER) {
		response.destroy();
		return;
	}
	const isEmpty = hasNoContent(statusCode);
	response.writeHead(statusCode, {
		...(headers as Record<string, string>),
		...(isEmpty ? {} : { "content-length": Buffer.byteLength(body) }),
	});
	finish(isEmpty ? "" : body);
};
