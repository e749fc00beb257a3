import { AsyncQueueTimeoutError } from "./errors.ts";
import { startTimer } from "./pause.ts";

export type Limits = Readonly<{ timeoutMs: number; signal?: AbortSignal | undefined }>;

/**
 * Runs `work` with a signal that follows `signal` and is also aborted after `timeoutMs`. Once it is aborted whatever
 * `work` throws becomes its reason: that of `signal`, or an `AsyncQueueTimeoutError` that names what was waited for.
 */
export const withinLimits = async <Result>(
	what: string,
	{ timeoutMs, signal }: Limits,
	work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
	signal?.throwIfAborted();
	const controller = new AbortController();
	const timeOut = () => controller.abort(new AsyncQueueTimeoutError(`Waited ${timeoutMs} ms for ${what}`));
	const timer = startTimer(timeOut, timeoutMs);
	const follow = () => controller.abort(signal?.reason);
	signal?.addEventListener("abort", follow, { once: true });
	try {
		return await work(controller.signal);
	} catch (error) {
		throw controller.signal.aborted ? controller.signal.reason : error;
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener("abort", follow);
	}
};
