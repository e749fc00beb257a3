import { setTimeout as sleep } from "node:timers/promises";
import {
	TransactionCanceledException,
	TransactionConflictException,
	TransactionInProgressException,
} from "@aws-sdk/client-dynamodb";
import { AsyncQueueError } from "../../core/errors.ts";
import { toOwnFault } from "./aws-faults.ts";

/** A conflict with another transaction is over within milliseconds; the SDK does not wait for it. */
const CONFLICT_TRIES = 5;
const CONFLICT_PAUSE_MS = 20;

const isConflict = (error: unknown): boolean =>
	error instanceof TransactionConflictException ||
	error instanceof TransactionInProgressException ||
	(error instanceof TransactionCanceledException &&
		// A failed condition stays failed, whatever else was in the way.
		error.CancellationReasons?.some(({ Code }) => Code === "TransactionConflict") === true &&
		error.CancellationReasons.every(({ Code }) => Code !== "ConditionalCheckFailed"));

/** Makes a call, again while a transaction is in its way. Other failures become our own codes where there is one. */
export const callDynamo = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
	for (let tries = 1; ; tries += 1) {
		try {
			return await call();
		} catch (error) {
			if (error instanceof AsyncQueueError) throw error;
			if (!isConflict(error)) throw toOwnFault(error);
			if (tries === CONFLICT_TRIES)
				throw new AsyncQueueError("unavailable", "Too many changes at once; please try again", {
					cause: error,
				});
		}
		await sleep(Math.random() * CONFLICT_PAUSE_MS * 2 ** tries);
	}
};

/** How often the SDK has sent the request that ended in `error`. */
export const timesSent = (error: Error): number => {
	const { $metadata } = error as { $metadata?: { attempts?: number | undefined } };
	return $metadata?.attempts ?? 1;
};
