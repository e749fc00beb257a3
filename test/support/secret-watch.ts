import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What secrets look like, whosever they are. The prefix of a key, which may be shown, has 4 characters after
 * `aq_live_`. A SHA-256 in hex is how a key is looked up, and what a signature looks like.
 */
const SHAPES: Readonly<Record<string, RegExp>> = {
	"an API key": /aq_(?:live|test)_[\w-]{5,}/,
	"a credential": /\b(?:Bearer|Basic)\s+[\w+/=-]{8,}/i,
	"a signature": /\bv1[=,][\w+/=-]{20,}/,
	"a SHA-256": /\b[0-9a-f]{64}\b/i,
	"an encrypted key": /\bv\d+\.[\w-]{60,}/,
	"a query string": /https?:[^\s"]*\?/,
};

/** Shorter texts turn up by chance. */
const MIN_LENGTH = 8;

/** What this process has made or seen that nobody may print: API keys, payloads, signatures, tokens … */
const kept = new Set<string>();

const encodings = (text: string): string[] => {
	const bytes = Buffer.from(text);
	return [
		text,
		bytes.toString("base64").replace(/=+$/, ""),
		bytes.toString("base64url"),
		bytes.toString("hex"),
	];
};

/** From now on nobody may print this text, nor in base64 or hex, nor its SHA-256. Returns it. */
export const keepSecret = (text: string): string => {
	if (text.length >= MIN_LENGTH)
		for (const form of [...encodings(text), hash("sha256", text, "hex")]) kept.add(form);
	return text;
};

/** The same of every text within a value, as in a payload. */
export const keepSecrets = (value: unknown): void => {
	if (typeof value === "string") keepSecret(value);
	else if (typeof value === "object" && value !== null) Object.values(value).forEach(keepSecrets);
};

/** The same of the data keys in a data folder. */
export const keepDataKeys = (folder: string): void => {
	const path = join(folder, "encryption.key");
	if (!existsSync(path)) return;
	const content = readFileSync(path);
	for (const encoding of ["base64", "base64url", "hex"] as const) keepSecret(content.toString(encoding));
	for (const [, key = ""] of content.toString("latin1").matchAll(/^v\d+ ([\w-]{43})$/gm)) keepSecret(key);
};

/** What a text gives away, in words: anything that looks like a secret, and what was kept, or else `secrets`. */
export const secretsIn = (text: string, secrets: Iterable<string> = kept): string[] => [
	...Object.entries(SHAPES).flatMap(([what, shape]) => {
		const [found] = shape.exec(text) ?? [];
		return found === undefined ? [] : [`${what}: ${found}`];
	}),
	...[...secrets]
		.filter((secret) => text.includes(secret))
		.map((secret) => `a secret of this run: ${secret}`),
];

/** Throws when a text gives anything away, quoting where. */
export const assertNoSecrets = (text: string, what: string, secrets: Iterable<string> = kept): void => {
	const found = secretsIn(text, secrets);
	if (found.length === 0) return;
	const lineOf = (secret: string) => text.split("\n").find((line) => line.includes(secret));
	const quotes = found.map((each) => `${each}\n  in ${lineOf(each.slice(each.indexOf(": ") + 2))}`);
	throw new Error(`${what} secrets:\n${quotes.slice(0, 10).join("\n")}`);
};
