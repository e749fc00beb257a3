/** An instant (epoch ms) as the API shows it: ISO 8601, UTC, with milliseconds. */
export const instant = (epochMs: number): string => new Date(epochMs).toISOString();
