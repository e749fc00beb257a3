/**
 * The three forms of an HTTP date (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, the same with a full weekday and a
 * two-digit year (RFC 850), and `Sun Nov  6 08:49:37 1994` (asctime). `Date.parse` alone would read almost anything.
 */
const HTTP_DATE =
	/^([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d) \d\d:\d\d:\d\d GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Epoch ms, or NaN. */
const parseHttpDate = (text: string): number => {
	if (HTTP_DATE.test(text)) return Date.parse(text);
	// It is in GMT without saying so, which would make it local time.
	return ASCTIME_DATE.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
};

/**
 * Reads a `Retry-After` header (RFC 9110 §10.2.3): whole seconds or an HTTP date.
 * Returns seconds from `now` (epoch ms), rounded up, or undefined when absent or unreadable.
 */
export const parseRetryAfter = (value: string | undefined, now: number): number | undefined => {
	const text = value?.trim();
	if (!text) return undefined;
	if (/^\d+$/.test(text)) return Number(text);
	const at = parseHttpDate(text);
	return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1_000));
};
