import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { buildSync } from "esbuild";
import { publint } from "publint";
import { afterAll, describe, expect, test } from "vitest";
import rootManifest from "../../package.json" with { type: "json" };
import { listening } from "./listening.ts";
import { openLocalQueue } from "./local-queue.ts";
import { CLIENT, compilerOutput, makeScratchProject } from "./scratch-project.ts";

const { folder, target, tarball, write, remove } = makeScratchProject();
afterAll(remove);

const manifest = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
const readme = readFileSync(join(CLIENT, "README.md"), "utf8");
const { aq, url, apiKey } = await openLocalQueue();

const env = { PATH: process.env["PATH"], ASYNCQUEUE_URL: url, ASYNCQUEUE_API_KEY: apiKey };

/** What a program in the scratch project prints. */
const run = async (file: string): Promise<string> =>
	(await promisify(execFile)(process.execPath, [file], { cwd: folder, env })).stdout;

const [createExample = "", ...receiverExamples] = Array.from(
	readme.matchAll(/```ts\n(.*?)```/gs),
	([, code]) => code ?? "",
);

const USE = `
	const aq = new AsyncQueue({ url: process.env.ASYNCQUEUE_URL, apiKey: process.env.ASYNCQUEUE_API_KEY });
	const { status, version } = await aq.health();
	const error = await aq.tasks.get("task_x").catch((reason) => reason);
	console.log(status, version, error instanceof AsyncQueueApiError, error.code);
	console.log([verifyWebhook, verifyWebhookAsync, expressWebhook, webhookHandler].map((each) => typeof each).join());`;

/** A program whose handler of one entry throws errors of others, and what they are answered with. */
const REFUSE = `
	import { createHmac } from "node:crypto";
	import { createRequire } from "node:module";
	import * as edge from "asyncqueue-client/edge";
	import * as receiver from "asyncqueue-client/receiver";
	const commonJs = createRequire(import.meta.url)("asyncqueue-client/receiver");
	const body = JSON.stringify({ task_id: "task_1", queue: "q", payload: {}, attempt: 1 });
	const t = Math.floor(Date.now() / 1000);
	const v1 = createHmac("sha256", "aq_live_key").update(t + "." + body).digest("hex");
	const init = { method: "POST", body, headers: { "x-asyncqueue-signature": "t=" + t + ",v1=" + v1 } };
	const answer = (error, header) => {
		const options = { key: "aq_live_key", onError() {} };
		const handle = edge.webhookHandler(options, () => { throw error; });
		return handle(new Request("http://localhost/", init)).then(({ status, headers }) =>
			console.log(status, headers.get(header)));
	};
	for (const { NoRetryError } of [edge, receiver, commonJs])
		await answer(new NoRetryError("no such user"), "x-asyncqueue-no-retry");
	for (const { RetryLaterError } of [edge, receiver, commonJs])
		await answer(new RetryLaterError(120), "retry-after");`;

/** A program that serves the README's receivers and prints where. */
const SERVE = `
	import { createServer } from "node:http";
	import { buffer } from "node:stream/consumers";
	import { POST } from "./receiver-0.ts";
	import { app as expressApp } from "./receiver-1.ts";
	import { app as fastifyApp } from "./receiver-2.ts";
	import { handler } from "./receiver-3.ts";
	const viaFetch = async (request, response) => {
		const init = { method: "POST", headers: request.headers, body: await buffer(request) };
		const answer = await POST(new Request("http://localhost/", init));
		response.writeHead(answer.status).end(await answer.text());
	};
	const viaLambda = async (request, response) => {
		const body = (await buffer(request)).toString("base64");
		const answer = await handler({ headers: request.headers, body, isBase64Encoded: true });
		response.writeHead(answer.statusCode).end(answer.body);
	};
	const serve = (listener, path = "") => new Promise((resolve) => {
		const server = createServer(listener).listen(0, "127.0.0.1", () =>
			resolve("http://127.0.0.1:" + server.address().port + path));
	});
	console.error = () => {};
	const fastifyUrl = await fastifyApp.listen({ port: 0, host: "127.0.0.1" });
	const hooks = {
		fetch: await serve(viaFetch),
		express: await serve(expressApp, "/webhooks/emails"),
		fastify: fastifyUrl + "/webhooks/emails",
		lambda: await serve(viaLambda),
	};
	process.stdout.write(JSON.stringify(hooks));`;

const NAMES = {
	"asyncqueue-client": "{ AsyncQueue, AsyncQueueApiError }",
	"asyncqueue-client/receiver": "{ verifyWebhook, expressWebhook }",
	"asyncqueue-client/edge": "{ verifyWebhookAsync, webhookHandler }",
};

describe("the packed package", () => {
	test("has the project's version and license, and depends on nothing", () => {
		expect(manifest).toMatchObject({ version: rootManifest.version, license: rootManifest.license });
		expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(["private"]));
		expect([manifest.dependencies, manifest.peerDependencies]).toStrictEqual([undefined, undefined]);
	});

	test("is used from ES modules and from CommonJS", async () => {
		const modules = Object.entries(NAMES);
		const esm = modules.map(([from, names]) => `import ${names} from "${from}";`).join("\n");
		const cjs = modules.map(([from, names]) => `const ${names} = require("${from}");`).join("\n");
		const asCommonJs = `${cjs}\n(async () => {${USE}})();`;

		const printed = await Promise.all([run(write("use.mjs", esm + USE)), run(write("use.cjs", asCommonJs))]);

		const expected = `ok ${rootManifest.version} true task_not_found\nfunction,function,function,function\n`;
		expect(printed).toStrictEqual([expected, expected]);
	});

	test("understands a refusal, whichever of its entries and module systems it was thrown with", async () => {
		const printed = await run(write("refuse.mjs", REFUSE));

		expect(printed.trim().split("\n")).toStrictEqual([
			"422 true",
			"422 true",
			"422 true",
			"503 120",
			"503 120",
			"503 120",
		]);
	});

	test("has types that accept its examples and refuse mistakes, in both module systems", () => {
		const mistakes = `import { AsyncQueue } from "asyncqueue-client";
			import { webhookHandler } from "asyncqueue-client/edge";
			const aq = new AsyncQueue({ url: "x", apiKey: "x" });
			export const handler = webhookHandler<{ to: string }>({ key: "x" }, ({ payload }) => {
				const to: string = payload.to;
				// @ts-expect-error: a string
				const length: number = payload.to;
				console.log(to, length);
			});
			// @ts-expect-error: the wire's names
			void aq.tasks.create({ queue: "q", webhookUrl: "https://example.com" });
			// @ts-expect-error: a status that is none
			void aq.tasks.list({ status: "done" });
			const task = await aq.tasks.create({ queue: "q", webhook_url: "x", payload: { to: "x" } });
			export const to: string = task.payload.to;`;
		write("mistakes.mts", mistakes);
		write(
			"mistakes.cts",
			mistakes.replace("const task = await", "const created =").replace("task.payload.to", "String(created)"),
		);
		for (const [index, code] of [createExample, ...receiverExamples].entries())
			write(`example-${index}.ts`, code);

		expect(compilerOutput(folder)).toBe("");
	});

	test("is found with its types by every way to resolve modules (are the types wrong?)", async () => {
		const { problems, types } = (await checkPackage(
			createPackageFromTarballData(readFileSync(tarball)),
		)) as unknown as { problems: unknown[]; types: unknown };

		expect(types).toStrictEqual({ kind: "included" });
		expect(problems).toStrictEqual([]);
	});

	test("is as publishing it demands (publint)", async () => {
		expect((await publint({ pkgDir: target, strict: true, pack: false })).messages).toStrictEqual([]);
	});

	test("holds the build and its papers only", () => {
		expect(readdirSync(target).toSorted()).toStrictEqual(["LICENSE", "README.md", "dist", "package.json"]);
	});
});

test.each([
	["asyncqueue-client", "index", 0],
	["asyncqueue-client/receiver", "receiver", 1],
	["asyncqueue-client/edge", "edge", 0],
])("%s is at most 8 KB, as the README says, and imports what it may", (entry, name, imports) => {
	const { outputFiles, metafile } = buildSync({
		entryPoints: [join(target, `dist/esm/client/src/${name}.js`)],
		bundle: true,
		minify: true,
		format: "esm",
		external: ["node:*"],
		metafile: true,
		write: false,
		outdir: folder,
	});
	const kilobytes = gzipSync(outputFiles[0]?.contents ?? "").length / 1_024;

	expect(kilobytes).toBeLessThanOrEqual(8);
	expect(readme.split("\n").find((line) => line.startsWith(`| \`${entry}\``))).toContain(
		`| ${kilobytes.toFixed(1)} KB |`,
	);
	expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toHaveLength(imports);
});

describe("the examples of the README run", () => {
	test("as a program that creates a task and follows it", async () => {
		const webhook = await listening((_, response) => response.writeHead(204).end());
		write("create.ts", createExample.replace("https://app.example.com/webhooks/emails", webhook));

		expect(await run("create.ts")).toBe("completed 1\ntoo late\n");
	});

	test("as receivers of calls from AsyncQueue", async () => {
		for (const [index, code] of receiverExamples.entries()) write(`receiver-${index}.ts`, code);
		const program = spawn(process.execPath, [write("serve.mjs", SERVE)], { cwd: folder, env });
		try {
			const [line] = await once(program.stdout, "data");
			const hooks: Record<string, string> = JSON.parse(String(line));
			const statuses = Object.entries(hooks).map(async ([name, webhook_url]) => {
				const task = {
					queue: `readme-${name}`,
					webhook_url,
					payload: { to: "zoe@example.com" },
					max_retries: 0,
				};
				const { id } = await aq.tasks.create(task);
				return [name, (await aq.tasks.waitFor(id)).attempts[0]?.response_code];
			});

			expect(await Promise.all(statuses)).toStrictEqual([
				["fetch", 204],
				["express", 204],
				["fastify", 204],
				["lambda", 204],
			]);
		} finally {
			program.kill();
		}
	});
});
