import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";

export const CLIENT = new URL("../../client/", import.meta.url).pathname;
const INSTALLED = new URL("../../node_modules/", import.meta.url).pathname;

/** What the examples use besides. */
const NEIGHBOURS = ["express", "fastify", "zod", "@types"];

const CONFIG = {
	compilerOptions: {
		strict: true,
		exactOptionalPropertyTypes: true,
		target: "es2022",
		module: "nodenext",
		types: ["node"],
		noEmit: true,
		// Of the frameworks, which takes seconds. A declaration of ours that is wrong makes what uses it wrong.
		skipLibCheck: true,
	},
};

/** Somebody else's project in a temporary folder, with the package as `npm pack` makes it in its `node_modules`. */
export const makeScratchProject = () => {
	const { path: folder, remove } = makeTemporaryFolder("client");
	execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: CLIENT });
	const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
	const target = join(folder, "node_modules/asyncqueue-client");
	mkdirSync(target, { recursive: true });
	execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
	for (const name of NEIGHBOURS) symlinkSync(join(INSTALLED, name), join(folder, "node_modules", name));
	const write = (name: string, text: string): string => {
		writeFileSync(join(folder, name), text);
		return join(folder, name);
	};
	write("package.json", '{ "type": "module" }');
	write("tsconfig.json", JSON.stringify(CONFIG));
	return { folder, target, tarball, write, remove };
};

const manifest = createRequire(import.meta.url).resolve("typescript/package.json");

/** What the compiler has to say of all files in a folder: nothing when they are right. */
export const compilerOutput = (folder: string): string => {
	try {
		const tsc = join(dirname(manifest), "bin/tsc");
		return execFileSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8" });
	} catch (error) {
		return (error as { stdout: string }).stdout;
	}
};
