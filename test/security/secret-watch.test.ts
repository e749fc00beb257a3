import { createHash, randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DataKeyCipher } from "../../lambda/adapters/data-key-cipher.ts";
import { FileDataKeys } from "../../lambda/adapters/embedded/file-data-keys.ts";
import { errorFields } from "../../lambda/adapters/error-fields.ts";
import { pinoLog } from "../../lambda/adapters/pino-log.ts";
import { webhookRequest } from "../../lambda/core/webhook-request.ts";
import { aTask } from "../core/a-task.ts";
import { documentedEvents } from "../support/documented-log.ts";
import { recordingLog } from "../support/recording-log.ts";
import { assertNoSecrets, keepSecret, keepSecrets, secretsIn } from "../support/secret-watch.ts";
import { newApiKey } from "../support/server-process.ts";

const line = (fields: object): string => `${JSON.stringify({ event: "planted", ...fields })}\n`;

/** Every event that the source logs. */
const loggedEvents = (): Set<string> => {
	const repository = fileURLToPath(new URL("../..", import.meta.url));
	const sources = ["lambda", "local"].flatMap((folder) =>
		globSync(`${folder}/**/*.ts`, { cwd: repository }).map((path) =>
			readFileSync(join(repository, path), "utf8"),
		),
	);
	return new Set(
		sources.flatMap((source) =>
			Array.from(source.matchAll(/\blog(?:\.\w+|\[[^\]]+\])\(\s*"([\w.]+)"/g), ([, event = ""]) => event),
		),
	);
};

const thrownBy = (act: () => unknown): unknown => {
	try {
		return act();
	} catch (error) {
		return error;
	}
};

describe("the search for secrets finds", () => {
	const key = newApiKey();
	const hash = createHash("sha256").update(key).digest("hex");

	it.each([
		["a key", { key }],
		["a key of nobody's", { message: `no such key aq_test_${"x".repeat(24)}` }],
		["a key in base64", { key: Buffer.from(key).toString("base64") }],
		["a key in hex", { key: Buffer.from(key).toString("hex") }],
		["the hash of a key", { hash }],
		["a header", { headers: { authorization: `Bearer ${"x".repeat(20)}` } }],
	])("%s", (_, fields) => {
		expect(secretsIn(line(fields))).not.toEqual([]);
		expect(() => assertNoSecrets(line(fields), "It says")).toThrow("planted");
	});

	it("either signature of a call", () => {
		const { headers } = webhookRequest(aTask(), [key], Date.now());
		for (const name of ["x-asyncqueue-signature", "webhook-signature"]) {
			expect(headers[name]).toBeDefined();
			expect(secretsIn(line({ signature: headers[name] }))).not.toEqual([]);
		}
	});

	it("an encrypted key", async () => {
		const ciphertext = await new DataKeyCipher(FileDataKeys.inMemory()).encrypt("acme", key);
		expect(secretsIn(line({ ciphertext }))).not.toEqual([]);
	});

	it("what was kept: texts of payloads, tokens, answers", () => {
		keepSecrets({ user: { name: "Ada Lovelace" }, tags: ["hush-hush"] });
		for (const text of ["Ada Lovelace", "hush-hush", keepSecret(randomBytes(8).toString("hex"))])
			expect(secretsIn(line({ message: `${text} is ill` }))).toHaveLength(1);
	});

	it("the query of a URL", () => {
		expect(secretsIn(line({ url: "https://example.com/hook?token=1" }))).toHaveLength(1);
	});

	it("nothing in an ordinary line", () => {
		const fields = {
			task_id: "task_01M84H3ZNHNV02RC6QCBQABY9T25ABN2V",
			prefix: key.slice(0, 12),
			path: "/v1/tasks",
		};
		expect(secretsIn(line(fields))).toEqual([]);
	});
});

describe("the log", () => {
	const linesOf = (write: (log: ReturnType<typeof pinoLog>) => void): string => {
		const lines: string[] = [];
		write(pinoLog("debug", { write: (text: string) => void lines.push(text) }));
		return lines.join("");
	};

	it("blacks out keys and signatures wherever they turn up", () => {
		const key = newApiKey();
		const { headers } = webhookRequest(aTask(), [key, newApiKey()], Date.now());
		const text = linesOf((log) =>
			log.info("x", { path: `/v1/apikeys/${key}/rotate`, headers, error: new Error(key) }),
		);
		expect(secretsIn(text)).toEqual([]);
		expect(text).toContain(`/v1/apikeys/${key.slice(0, 12)}…/rotate`);
		expect(JSON.parse(text)).toMatchObject({ event: "x" });
	});

	it("says of an error who, what and where, and nothing that hangs on it", () => {
		const inner = Object.assign(new Error("refused"), {
			name: "ConditionalCheckFailedException",
			$metadata: { httpStatusCode: 400, requestId: "R1" },
			Item: { payload: { S: "hush-hush" } },
		});
		const error = Object.assign(new Error("outer", { cause: inner }), { code: "E1", body: "hush-hush" });
		const text = linesOf((log) => log.error("x", { error }));
		expect(text).not.toContain("hush-hush");
		expect(JSON.parse(text).error).toMatchObject({
			type: "Error",
			message: "outer",
			code: "E1",
			stack: expect.stringContaining("secret-watch.test"),
			cause: { message: "refused", http_status: 400, aws_request_id: "R1" },
		});
	});

	it("does not quote what could not be read", () => {
		for (const text of ["hush-hush", '{"token":hush-hush}']) {
			const fields = JSON.stringify(errorFields(thrownBy(() => JSON.parse(text))));
			expect(fields).toContain("SyntaxError");
			expect(fields).not.toContain("hush");
		}
	});

	it("follows causes, but not in circles", () => {
		const error = new Error("round");
		error.cause = error;
		expect(JSON.stringify(errorFields(error)).match(/round/g)?.length).toBeLessThan(20);
		expect(errorFields("hush-hush")).toEqual({ type: "string", message: "not an Error" });
	});

	it("takes no event and no field that is not documented", () => {
		const log = recordingLog([]);
		expect(() => log.info("task.vanished", {})).toThrow("not in docs/logs.md");
		expect(() => log.info("delivery.superseded", { task_id: "t", payload: {} })).toThrow("payload");
		expect(() => log.info("delivery.superseded", { task_id: "t", attempt: 1 })).not.toThrow();
	});

	it("is documented as it is: every event of the source, and no other", () => {
		expect([...documentedEvents.keys()].toSorted()).toEqual([...loggedEvents()].toSorted());
		expect(documentedEvents.size).toBeGreaterThan(20);
	});
});
