import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** The code block that a document of `docs/` marks with `test=<name>` after its language. Throws if there is none. */
export const documentedCode = (document: string, name: string): string => {
	const text = readFileSync(join(REPOSITORY, "docs", document), "utf8");
	const block = new RegExp(`^\`\`\`\\w+ test=${name}\\n(.*?)^\`\`\`$`, "ms").exec(text);
	if (block?.[1] === undefined) throw new Error(`docs/${document} has no code block test=${name}`);
	return block[1];
};

/** Writes a documented program to a file of its own, and returns the path of that. */
export const documentedFile = (document: string, name: string, edit = (code: string) => code): string => {
	const [, , extension = ""] = /(.*)\.(\w+)$/.exec(name) ?? [];
	const path = join(makeTemporaryFolder("documented").path, name);
	writeFileSync(path, edit(documentedCode(document, name.slice(0, -extension.length - 1))));
	return path;
};

/** Where the imports of documented code lead when it runs here, and not in its reader's project. */
const moved = (specifier: string): string => {
	const own = /^(?:\.\.\/asyncqueue\/|(?=\.\/verify-webhook))(.*)$/.exec(specifier)?.[1];
	if (own === undefined) return specifier.startsWith("node:") ? specifier : import.meta.resolve(specifier);
	return pathToFileURL(join(REPOSITORY, own.replace("./verify-webhook", "receiver/verify-webhook"))).href;
};

/** Runs a documented module, unaltered but for where its imports lead, and returns what it exports. */
export const importDocumented = <Module>(document: string, name: string): Promise<Module> =>
	import(
		documentedFile(document, `${name}.ts`, (code) =>
			code.replace(
				/^(import (?!type).* from) "([^"]+)"/gm,
				(_, what, specifier) => `${what} ${JSON.stringify(moved(specifier))}`,
			),
		)
	);
