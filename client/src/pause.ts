/** Timers go off at once when they are asked for more. */
const MAX_TIMER_MS = 2_147_483_647;

/** Calls `action` in `ms`, or in 24 days if that is sooner. */
export const startTimer = (action: () => void, ms: number): ReturnType<typeof setTimeout> =>
	setTimeout(action, Math.min(ms, MAX_TIMER_MS));

/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
export const pause = (ms: number, signal?: AbortSignal | undefined): Promise<void> =>
	new Promise((resolve, reject) => {
		const abort = () => {
			clearTimeout(timer);
			reject(signal?.reason);
		};
		const timer = startTimer(() => {
			signal?.removeEventListener("abort", abort);
			resolve();
		}, ms);
		if (signal?.aborted) abort();
		else signal?.addEventListener("abort", abort, { once: true });
	});
