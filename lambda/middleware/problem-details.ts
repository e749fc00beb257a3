import type { MiddlewareObj } from "@middy/core";
import { blackOut } from "../core/black-out.ts";
import { AsyncQueueError, errorCatalog } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Log } from "../ports.ts";
import type { ApiEvent, ApiResult } from "./api-event.ts";

/**
 * The members of an error as clients see it: RFC 9457 plus `error`, `code` and, for invalid requests, `errors`. What a
 * message repeats of the request may be a key that somebody took for an id, and clients log errors.
 */
export const problemOf = ({ code, message, faults }: AsyncQueueError): Problem => ({
	type: `urn:asyncqueue:error:${code}`,
	title: errorCatalog[code].title,
	status: errorCatalog[code].status,
	detail: blackOut(message),
	error: blackOut(message),
	code,
	...(faults.length > 0
		? { errors: faults.map(({ path, message: why }) => ({ path: blackOut(path), message: blackOut(why) })) }
		: {}),
});

/** An error as an `application/problem+json` response. */
export const problemResponse = (error: AsyncQueueError): ApiResult => ({
	statusCode: errorCatalog[error.code].status,
	headers: { "content-type": "application/problem+json", ...error.headers },
	body: JSON.stringify(problemOf(error)),
});

/** What a client may know of an unexpected error: nothing. */
const internalError = (cause: unknown): AsyncQueueError =>
	new AsyncQueueError("internal_error", "Something went wrong on our side; the request id helps us find it", {
		cause,
	});

/** The one place where errors become responses. Our own faults are logged with their cause, never shown. */
export const problemDetails = (log: Log): MiddlewareObj<ApiEvent, ApiResult> => ({
	onError: (request) => {
		const { error } = request;
		const problem = error instanceof AsyncQueueError ? error : internalError(error);
		if (errorCatalog[problem.code].status >= 500)
			log.error("api.failed", {
				request_id: request.event.requestContext.requestId,
				code: problem.code,
				error: problem.cause ?? problem,
			});
		request.response = problemResponse(problem);
	},
});
