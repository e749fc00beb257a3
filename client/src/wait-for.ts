import type { CallOptions } from "./api.ts";
import { withinLimits } from "./limits.ts";
import { pause } from "./pause.ts";

export type WaitOptions = Readonly<{
	/** How long to wait; 24 days by default, which is the longest. */
	timeoutMs?: number | undefined;
	signal?: AbortSignal | undefined;
}>;

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
const GROWTH = 1.5;

type Question<Answer> = Readonly<{
	/** Completes "Waited … ms for". */
	what: string;
	/** Asks once. `remainingMs` is how long an answer is of use. */
	ask: (options: CallOptions, remainingMs: number) => Promise<Answer>;
	isOver: (answer: Answer) => boolean;
}>;

/**
 * Asks until the answer is final. From one question to the next it is at least 100 ms, growing to 5 s. That is counted
 * from when a question is asked: an API that holds it until there is news is asked again at once.
 * Throws `AsyncQueueTimeoutError` after `timeoutMs`, the signal's reason, and whatever `ask` throws.
 */
export const waitFor = <Answer>(
	{ what, ask, isOver }: Question<Answer>,
	{ timeoutMs = Number.POSITIVE_INFINITY, signal: callers }: WaitOptions,
): Promise<Answer> => {
	const deadline = Date.now() + timeoutMs;
	return withinLimits(what, { timeoutMs, signal: callers }, async (signal) => {
		for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * GROWTH, MAX_PAUSE_MS)) {
			const askedAt = Date.now();
			const answer = await ask({ signal }, deadline - askedAt);
			if (isOver(answer)) return answer;
			const restMs = askedAt + pauseMs - Date.now();
			if (restMs > 0) await pause(restMs, signal);
		}
	});
};
