import type { MiddlewareObj, Request } from "@middy/core";
import type { Context } from "aws-lambda";
import type { Log } from "../ports.ts";
import type { ApiEvent, ApiResult } from "./api-event.ts";

type Started = { startedAt: number };

/** Gives every response its `X-Request-Id` and every request one log line with the same id. */
export const requestLog = (log: Log): MiddlewareObj<ApiEvent, ApiResult, Error, Context, Started> => {
	const finish = ({ event, response, internal }: Request<ApiEvent, ApiResult, Error, Context, Started>) => {
		if (!response) return;
		const { requestId, http, authorizer } = event.requestContext;
		response.headers = { ...response.headers, "x-request-id": requestId };
		log.info("api.handled", {
			request_id: requestId,
			method: http.method,
			path: event.rawPath,
			status: response.statusCode,
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
