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

/** Where the imports of documented code lead when it runs here, and not in its reader's project. */
const IMPORTS: Readonly<Record<string, string>> = {
	vitest: import.meta.resolve("vitest"),
	"../asyncqueue/local/test-server.ts": pathToFileURL(join(REPOSITORY, "local/test-server.ts")).href,
	"../asyncqueue/receiver/verify-webhook.ts": pathToFileURL(join(REPOSITORY, "receiver/verify-webhook.ts"))
		.href,
	"./verify-webhook.ts": pathToFileURL(join(REPOSITORY, "receiver/verify-webhook.ts")).href,
};

/** Runs a documented module, unaltered but for where its imports lead, and returns what it exports. */
export const importDocumented = async <Module>(document: string, name: string): Promise<Module> => {
	const code = documentedCode(document, name).replace(
		/from "([^"]+)"/g,
		(_, specifier) => `from ${JSON.stringify(IMPORTS[specifier] ?? specifier)}`,
	);
	const path = join(makeTemporaryFolder("documented").path, `${name}.ts`);
	writeFileSync(path, code);
	return import(path);
};
