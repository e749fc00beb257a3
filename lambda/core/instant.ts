import * as z from "zod";

/** An instant (epoch ms) as the API shows it: ISO 8601, UTC, with milliseconds. */
export const instant = (epochMs: number): string => new Date(epochMs).toISOString();

/** The schema of what `instant` gives. */
export const InstantView = z.iso.datetime({ precision: 3 }).meta({ examples: ["2026-11-23T12:00:00.000Z"] });
