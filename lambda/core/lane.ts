/** The priority lanes, highest first. On AWS each is a queue of its own with its own consumers. */
export const LANES = ["high", "normal", "low"] as const;
export type Lane = (typeof LANES)[number];

/** Priority 8–10 is high, 4–7 normal, 1–3 low. */
export const laneOf = (priority: number): Lane => {
	if (priority >= 8) return "high";
	return priority >= 4 ? "normal" : "low";
};
