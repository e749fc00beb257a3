import type { Fetch } from "../../client/src/transport.ts";

/** Answers in turn, and the times at which they were asked for. */
export const scripted = (answers: readonly (() => Response | Promise<Response>)[]) => {
	const askedAt: number[] = [];
	const fetch: Fetch = async (_, { signal }) => {
		signal.throwIfAborted();
		const answer = answers[askedAt.length];
		askedAt.push(Date.now());
		if (!answer) throw new Error("asked too often");
		return answer();
	};
	return { fetch, askedAt };
};

export const status =
	(code: number, headers: Record<string, string> = {}) =>
	() =>
		new Response("{}", { status: code, headers });

export const breaks = () => Promise.reject(new TypeError("fetch failed"));

/** Never answers; gives up when it is told to, as fetch does. */
export const hanging: Fetch = (_, { signal }) =>
	new Promise((_resolve, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason));
	});
