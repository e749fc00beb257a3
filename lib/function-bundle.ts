import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { type BuildOptions, buildSync } from "esbuild";
import { VERSION } from "../lambda/core/version.ts";

/** What is deployed: one file of lambda/functions/ each. */
export const FUNCTIONS = ["api", "deliver", "drain", "reconcile", "work"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

const FUNCTIONS_DIR = fileURLToPath(new URL("../lambda/functions", import.meta.url));

/** Some bundled CommonJS packages call `require` for Node's own modules, which ES modules do not have. */
const REQUIRE_FOR_ESM = 'import{createRequire as _cr}from"node:module";const require=_cr(import.meta.url);';

const bundled = (file: string): string => fileURLToPath(new URL(`./bundled/${file}`, import.meta.url));

/** What packages bring along and the functions never run; half of each bundle, were it not left out. */
const DIET: BuildOptions = {
	alias: {
		undici: bundled("undici.cjs"),
		"@aws-sdk/credential-provider-node": bundled("credential-provider-node.cjs"),
		"thread-stream": bundled("thread-stream.cjs"),
		"@pinojs/redact": bundled("pino-redact.cjs"),
	},
	define: {
		// undici's own switch: without its experimental second HTTP parser.
		esbuildDetection: "true",
		"process.env.JEST_WORKER_ID": "undefined",
		BUNDLED_VERSION: JSON.stringify(VERSION),
	},
	// undici's fallback parser for processors without SIMD, and what it needs for bodies that are forms.
	external: ["../llhttp/llhttp-wasm.js", "../web/fetch/*", "../web/webidl"],
};

let bundles: ReadonlyMap<FunctionName, Uint8Array> | undefined;

/**
 * Every function as one minified ES module; built once per process, all in one go, which is several times faster than
 * one by one. The SDK is inside: it is then the version we tested, and starts faster than the runtime's copy.
 */
export const functionBundles = (): ReadonlyMap<FunctionName, Uint8Array> => {
	bundles ??= build();
	return bundles;
};

const build = (): ReadonlyMap<FunctionName, Uint8Array> => {
	const { outputFiles = [] } = buildSync({
		entryPoints: FUNCTIONS.map((name) => join(FUNCTIONS_DIR, `${name}.ts`)),
		outdir: FUNCTIONS_DIR,
		write: false,
		bundle: true,
		minify: true,
		platform: "node",
		target: "node24",
		format: "esm",
		mainFields: ["module", "main"],
		banner: { js: REQUIRE_FOR_ESM },
		...DIET,
		logLevel: "error",
	});
	return new Map(
		FUNCTIONS.map((name) => {
			const file = outputFiles.find(({ path }) => path.endsWith(`/${name}.js`));
			if (!file) throw new Error(`esbuild made no bundle of ${name}`);
			return [name, file.contents];
		}),
	);
};

/** The bundle as an asset: addressed by its content, so that only what changed is deployed again. */
export const functionCode = (name: FunctionName): Code => {
	const tryBundle = (outputDir: string): boolean => {
		writeFileSync(join(outputDir, "index.mjs"), functionBundles().get(name) ?? "");
		return true;
	};
	return Code.fromAsset(FUNCTIONS_DIR, {
		assetHashType: AssetHashType.OUTPUT,
		bundling: {
			local: { tryBundle },
			// Neither is ever used, as local bundling does not decline; but the CDK takes assets of one folder that differ
			// in nothing but a function for one and the same.
			image: DockerImage.fromRegistry("none"),
			command: [name],
		},
	});
};
