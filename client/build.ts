import { execFileSync } from "node:child_process";
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

/** What the package is made of: one bundle per entry and module system, with declarations next to them. */
const FOLDER = import.meta.dirname;
const ENTRIES = ["index", "receiver", "edge"].map((name) => join(FOLDER, "src", `${name}.ts`));

const bundle = (format: "esm" | "cjs"): void => {
	buildSync({
		entryPoints: ENTRIES,
		outdir: join(FOLDER, "dist", format),
		outbase: dirname(FOLDER),
		bundle: true,
		format,
		// Node's own modules have no side effects: what the edge entry does not use of them is left out.
		platform: "node",
		target: "es2022",
	});
};

const typescriptManifest = createRequire(import.meta.url).resolve("typescript/package.json");
const tsc = join(dirname(typescriptManifest), JSON.parse(readFileSync(typescriptManifest, "utf8")).bin.tsc);

rmSync(join(FOLDER, "dist"), { recursive: true, force: true });
// The compiler leaves the sources' names in declarations, which are next to .js files here.
execFileSync(process.execPath, [tsc, "--project", FOLDER], { stdio: "inherit" });
for (const file of globSync(join(FOLDER, "dist/esm/**/*.d.ts")))
	writeFileSync(file, readFileSync(file, "utf8").replaceAll(/(from "\..*)\.ts"/g, '$1.js"'));
// CommonJS and ES modules each need declarations that are taken for their own kind.
cpSync(join(FOLDER, "dist/esm"), join(FOLDER, "dist/cjs"), { recursive: true });
writeFileSync(join(FOLDER, "dist/cjs/package.json"), '{ "type": "commonjs" }\n');
bundle("esm");
bundle("cjs");
