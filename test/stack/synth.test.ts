import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { functionBundles } from "../../lib/function-bundle.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";
import type { Resource } from "./resources.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const BINARIES = join(REPOSITORY, "node_modules/.bin");

/** Bundling takes one line, which the CLI cannot be told to leave out. */
const BUNDLING_LINE = /^Bundling asset .*\n/gm;

const folder = makeTemporaryFolder("synth");
afterAll(folder.remove);

const BUNDLES = [...functionBundles().values()].map((code) => Buffer.from(code).toString("utf8"));

/** The code that an asset of the assembly holds. */
const bundleIn = (asset: string): string =>
	readFileSync(join(folder.path, `asset.${asset}`, "index.mjs"), "utf8");

type Exit = Readonly<{ code: number; output: string; seconds: number }>;

/** Runs `cdk` as on a machine without credentials, without Docker and without a home. */
const cdk = async (...args: string[]): Promise<Exit> => {
	const startedAt = performance.now();
	const seconds = () => (performance.now() - startedAt) / 1_000;
	const options = {
		cwd: REPOSITORY,
		env: {
			PATH: [BINARIES, "/usr/bin", "/bin"].join(delimiter),
			HOME: folder.path,
			AWS_EC2_METADATA_DISABLED: "true",
			CDK_DOCKER: "no-docker-here",
		},
	};
	try {
		const { stdout, stderr } = await promisify(execFile)("cdk", [...args, "--output", folder.path], options);
		return { code: 0, output: stdout + stderr, seconds: seconds() };
	} catch (error) {
		const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
		return { code, output: stdout + stderr, seconds: seconds() };
	}
};

describe("cdk synth", { timeout: 120_000 }, () => {
	test("needs no credentials and no Docker, and warns of nothing", async () => {
		const { code, output, seconds } = await cdk("synth", "--quiet");
		console.info(`cdk synth: ${seconds.toFixed(1)} s`);

		expect(output.replace(BUNDLING_LINE, "")).toBe("");
		expect(code).toBe(0);
		const template: { Resources: Record<string, Resource> } = JSON.parse(
			readFileSync(join(folder.path, "AsyncQueue-dev.template.json"), "utf8"),
		);
		const assets = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
			Type === "AWS::Lambda::Function" ? [Properties["Code"].S3Key.replace(/\.zip$/, "")] : [],
		);
		expect(new Set(assets.map((asset) => bundleIn(asset)))).toStrictEqual(new Set(BUNDLES));
	});

	test("says in one sentence what is wrong with a setting", async () => {
		const { code, output } = await cdk("synth", "--quiet", "--context", "stage=staging");

		expect(code).not.toBe(0);
		expect(output).toContain("stage: must be dev or prod");
		expect(output).not.toMatch(/^\s+at /m);
	});
});
