import { AsyncQueueError } from "../../core/errors.ts";

/** Refusals that mean "later", under the names that the services give them (their API references, "Errors"). */
const THROTTLING = new Set([
	"LimitExceededException",
	"ProvisionedThroughputExceededException",
	"RequestLimitExceeded",
	"RequestThrottled",
	"Throttling",
	"ThrottlingException",
	"TooManyRequestsException",
]);

type SdkError = Readonly<{ name?: unknown; $fault?: unknown }>;

/** Whether the same request may well succeed later: throttling, a fault on AWS's side, or no answer at all. */
const isTransient = (error: unknown): boolean => {
	const { name, $fault } = error as SdkError;
	// The SDK throws a TypeError for a request that it cannot even write down.
	return ($fault !== "client" && !(error instanceof TypeError)) || THROTTLING.has(String(name));
};

/** What a failed AWS call means to us: `unavailable` when a repetition may help; otherwise the error as it is. */
export const toOwnFault = (error: unknown): unknown =>
	isTransient(error)
		? new AsyncQueueError("unavailable", "AsyncQueue is temporarily unavailable; please try again", {
				headers: { "retry-after": "1" },
				cause: error,
			})
		: error;
