const PAYLOAD_BYTES = 200;

/** A payload of 200 bytes of JSON that carries the task's number. */
const payload = (n: number): { n: number; text: string } => {
	const empty = JSON.stringify({ n, text: "" });
	return { n, text: "x".repeat(PAYLOAD_BYTES - empty.length) };
};

/** A task as `POST /v1/tasks` takes it. */
export const taskFor = (n: number, webhookUrl: string, delay = 0) => ({
	queue: "bench",
	webhook_url: webhookUrl,
	payload: payload(n),
	...(delay > 0 ? { delay } : {}),
});

/** Bodies for tasks `first` to `first + count - 1`, written before the clock runs. */
export const taskBodies = (
	first: number,
	count: number,
	webhookUrl: string,
	delayOf: (n: number) => number = () => 0,
): readonly string[] =>
	Array.from({ length: count }, (_, index) =>
		JSON.stringify(taskFor(first + index, webhookUrl, delayOf(first + index))),
	);
