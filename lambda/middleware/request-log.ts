import type { MiddlewareObj, Request } from "@middy/core";
import type { Context } from "aws-lambda";
import { AsyncQueueError } from "../core/errors.ts";
import type { Log } from "../ports.ts";
import type { ApiEvent, ApiResult } from "./api-event.ts";

type Started = { startedAt: number };

/** The `code` that the client was told; undefined when nothing went wrong. */
const codeOf = (error: Error | null | undefined): string | undefined => {
	if (!error) return undefined;
	return error instanceof AsyncQueueError ? error.code : "internal_error";
};

/** Gives every response its `X-Request-Id` and every request one log line with the same id. */
export const requestLog = (log: Log): MiddlewareObj<ApiEvent, ApiResult, Error, Context, Started> => {
	const finish = (request: Request<ApiEvent, ApiResult, Error, Context, Started>) => {
		const { event, response, internal } = request;
		if (!response) return;
		const { requestId, http, authorizer, route } = event.requestContext;
		response.headers = { ...response.headers, "x-request-id": requestId };
		log.info("api.handled", {
			request_id: requestId,
			method: http.method,
			route,
			// Where they are the same there is nothing to add.
			path: event.rawPath === route ? undefined : event.rawPath,
			status: response.statusCode,
			code: codeOf(request.error),
			team_id: authorizer?.lambda.teamId,
			duration_ms: Math.round((performance.now() - internal.startedAt) * 10) / 10,
		});
	};
	return {
		before: ({ internal }) => {
			internal.startedAt = performance.now();
		},
		after: finish,
		onError: finish,
	};
};
