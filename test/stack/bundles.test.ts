import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { openApiDocument } from "../../lambda/openapi/document.ts";
import { FUNCTIONS, functionBundles } from "../../lib/function-bundle.ts";
import { apiEvent } from "../support/api-events.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";

const MAX_BYTES = 700 * 1_024;
const ROUNDS = 3;

const CALLS_WEBHOOKS = new Set<string>(["deliver", "work"]);

const folder = makeTemporaryFolder("bundles");
afterAll(folder.remove);

const save = (name: string, code: string | Uint8Array): string => {
	const path = join(folder.path, `${name}.mjs`);
	writeFileSync(path, code);
	return pathToFileURL(path).href;
};

const ENVIRONMENT = {
	AWS_REGION: "us-east-1",
	TABLE_NAME: "table",
	QUEUE_URL_HIGH: "https://sqs.example/1/high",
	QUEUE_URL_NORMAL: "https://sqs.example/1/normal",
	QUEUE_URL_LOW: "https://sqs.example/1/low",
	WORK_QUEUE_URL: "https://sqs.example/1/work",
	SCHEDULER_GROUP: "group",
	SCHEDULER_ROLE_ARN: "arn:aws:iam::1:role/scheduler",
	SCHEDULER_DLQ_ARN: "arn:aws:sqs:us-east-1:1:schedules",
	KMS_KEY_ID: "arn:aws:kms:us-east-1:1:key/1",
};

/** Starts a process that imports a module, as a cold start does; gives what it exports and how long it took. */
const coldStart = (url: string): { handler: string; ms: number } => {
	const script = `const m=await import(${JSON.stringify(url)});
		console.log(JSON.stringify({handler:typeof m.handler,ms:performance.now()}))`;
	const args = ["--input-type=module", "--eval", script];
	return JSON.parse(execFileSync(process.execPath, args, { env: ENVIRONMENT, encoding: "utf8" }));
};

const medianMs = (url: string): number =>
	Array.from({ length: ROUNDS }, () => coldStart(url).ms).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ??
	0;

describe.each(FUNCTIONS)("the bundle of %s", (name) => {
	const code = functionBundles().get(name) ?? new Uint8Array();

	test("is at most 700 KB", () => {
		console.info(`${name}: ${(code.length / 1_024).toFixed(0)} KB minified`);
		expect(code.length).toBeGreaterThan(0);
		expect(code.length).toBeLessThanOrEqual(MAX_BYTES);
	});

	test("holds an HTTP client only if it calls webhooks", () => {
		const holdsUndici = Buffer.from(code).includes("UND_ERR_");
		expect(holdsUndici).toBe(CALLS_WEBHOOKS.has(name));
	});

	test("is complete: it starts where nothing else is installed", () => {
		expect(coldStart(save(name, code)).handler).toBe("function");
	});

	test("starts in a small multiple of the time of an empty handler", { timeout: 60_000 }, () => {
		const empty = medianMs(save("empty", "export const handler = () => {};"));
		const own = medianMs(save(name, code));
		console.info(
			`${name}: cold start ${(own / empty).toFixed(1)} × an empty handler (${empty.toFixed(0)} ms)`,
		);
		expect(own / empty).toBeLessThan(20);
	});
});

describe("the bundle of the API", () => {
	test("describes itself as the sources do, with nothing else installed", () => {
		const url = save("self-description", functionBundles().get("api") ?? "");
		const script = `const {handler}=await import(${JSON.stringify(url)});
			process.stdout.write((await handler(${JSON.stringify(apiEvent("GET", "/openapi.json"))},{})).body+"\\n")`;
		const args = ["--input-type=module", "--eval", script];
		const output = execFileSync(process.execPath, args, { env: ENVIRONMENT, encoding: "utf8" });
		// Its own log lines are there too.
		const documents = output.split("\n").filter((line) => line.includes('"openapi":"3.1'));
		expect(documents).toEqual([JSON.stringify(openApiDocument())]);
	});
});

test("a deployed function prints its log and, when an invocation ends, its metrics, in lines of JSON", () => {
	const url = save("drain", functionBundles().get("drain") ?? "");
	// No message of ours: the function says so, and needs nobody for it.
	const script = `const { handler } = await import(${JSON.stringify(url)});
		await handler({ Records: [{ messageId: "message-1", body: "junk" }] }, {});`;
	const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
		env: { ...ENVIRONMENT, METRICS_STACK: "AsyncQueue-dev" },
		encoding: "utf8",
	});

	const lines = printed
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(lines).toMatchObject([
		{ level: "error", event: "drain.unreadable", message_id: "message-1" },
		{ _aws: { CloudWatchMetrics: [{ Namespace: "AsyncQueue" }] }, stack: "AsyncQueue-dev", faults: 1 },
	]);
});
