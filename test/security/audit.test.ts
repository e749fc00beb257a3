import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const AUDIT = fileURLToPath(new URL("../../.ci/audit", import.meta.url));
const BULK = "/-/npm/v1/security/advisories/bulk";

type Exit = Readonly<{ code: number; output: string }>;

const run = async (registry: string): Promise<Exit> => {
	const env = { ...process.env, npm_config_registry: registry, npm_config_update_notifier: "false" };
	try {
		const { stdout, stderr } = await promisify(execFile)(AUDIT, { env });
		return { code: 0, output: stdout + stderr };
	} catch (error) {
		const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
		return { code, output: stdout + stderr };
	}
};

/** Audits against a registry that answers like this. */
const auditAt = async (answer: RequestListener): Promise<Exit> => {
	const server = createServer(answer).listen(0, "127.0.0.1");
	await once(server, "listening");
	try {
		return await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
	} finally {
		server.closeAllConnections();
		server.close();
	}
};

/** A registry that knows these advisories, and no packages. */
const advising =
	(advisories: unknown): RequestListener =>
	(request, response) => {
		request.resume();
		response.writeHead(request.url === BULK ? 200 : 404, { "content-type": "application/json" });
		response.end(JSON.stringify(request.url === BULK ? advisories : {}));
	};

const ADVISORY = {
	undici: [
		{
			id: 1,
			url: "https://example.com/advisory",
			title: "Answers are taken for others",
			severity: "high",
			vulnerable_versions: ">=0.0.0",
			cwe: [],
			cvss: { score: 0, vectorString: null },
		},
	],
};

describe.concurrent("the audit in CI", () => {
	test("is content with a registry that knows of nothing", async () => {
		expect(await auditAt(advising({}))).toEqual({
			code: 0,
			output: "npm audit: nothing high or worse in what is deployed\n",
		});
	});

	test("fails on a finding, and shows it", async () => {
		const { code, output } = await auditAt(advising(ADVISORY));
		expect(code).toBe(1);
		expect(output).toContain("Answers are taken for others");
	});

	test("says so, and does not fail, where audits are not answered", async () => {
		const refusing: RequestListener = (_, response) => response.writeHead(405).end();
		const done = { code: 0, output: "npm audit: NOT DONE, the registry gave no answer\n" };
		expect(await auditAt(refusing)).toEqual(done);
	});
});
