import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Licences that ask for no more than that their text and names stay (SPDX identifiers). */
const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"];

type Locked = Readonly<{
	version: string;
	license?: string;
	dev?: boolean;
	devOptional?: boolean;
	optional?: boolean;
	dependencies?: Readonly<Record<string, string>>;
	optionalDependencies?: Readonly<Record<string, string>>;
}>;

type Package = Locked & Readonly<{ name: string; folder: string }>;

const repository = new URL("../../", import.meta.url);

const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, repository), "utf8"));

const lock: { packages: Record<string, Locked> } = readJson("package-lock.json");

const FOLDER = "node_modules/";

const root = lock.packages[""];

/** What is installed without development dependencies, by name. */
const production: readonly Package[] = Object.entries(lock.packages)
	.filter(([folder, { dev, devOptional }]) => folder !== "" && !dev && !devOptional)
	.map(([folder, locked]) => ({
		...locked,
		folder,
		name: folder.slice(folder.lastIndexOf(FOLDER) + FOLDER.length),
	}))
	.toSorted((one, other) => (one.name < other.name ? -1 : 1));

/** What the package says of itself where it is installed; the optional ones need not be. */
const manifestOf = ({ folder }: Package): { version: string; license: string } | undefined => {
	const path = `${folder}/package.json`;
	return existsSync(new URL(path, repository)) ? readJson(path) : undefined;
};

const licenceOf = (each: Package): string => {
	const { license } = manifestOf(each) ?? each;
	return typeof license === "string" ? license : "unknown";
};

const asksFor = ({ dependencies, optionalDependencies }: Locked, name: string): boolean =>
	name in { ...dependencies, ...optionalDependencies };

const isDirect = ({ name, folder }: Package): boolean =>
	root !== undefined && folder === FOLDER + name && asksFor(root, name);

const dependents = ({ name }: Package): string =>
	production
		.filter((each) => asksFor(each, name))
		.map((each) => each.name)
		.join(", ");

const row = (each: Package, ...more: string[]): string =>
	`| ${[`\`${each.name}\``, each.version, licenceOf(each), ...more].join(" | ")} |`;

const page = (): string => {
	const direct = production.filter(isDirect);
	const indirect = production.filter((each) => !isDirect(each));
	const counts = ALLOWED.map((licence) => [
		licence,
		production.filter((each) => licenceOf(each) === licence).length,
	])
		.filter(([, count]) => count !== 0)
		.map(([licence, count]) => `${count} ${licence}`);
	return `# Dependencies

What \`npm ci --omit=dev\` installs: ${production.length} packages, ${direct.length} of them because we ask for them
([why](decisions/0001-dependencies.md)). Licences: ${counts.join(", ")}. Made from \`package-lock.json\` and the packages
themselves by \`npx vitest run --project=security test/security/dependencies -u\`; a test fails when it is out of date.

## Asked for

| package | version | licence |
|---|---|---|
${direct.map((each) => row(each)).join("\n")}

## Brought along

| package | version | licence | by |
|---|---|---|---|
${indirect.map((each) => row(each, dependents(each))).join("\n")}
`;
};

describe("the packages that are deployed", () => {
	test("are those in docs/dependencies.md", async () => {
		await expect(page()).toMatchFileSnapshot("../../docs/dependencies.md");
	});

	test("are installed as they are locked, unless they are optional", () => {
		for (const each of production) {
			const manifest = manifestOf(each);
			if (manifest || !each.optional)
				expect([each.name, manifest?.version]).toEqual([each.name, each.version]);
		}
	});

	test("have licences that ask for little", () => {
		for (const each of production) expect(ALLOWED, each.name).toContain(licenceOf(each));
	});

	test("are asked for in exact versions", () => {
		const { dependencies, devDependencies, optionalDependencies } = readJson("package.json");
		const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
		for (const [name, version] of Object.entries(all))
			expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
	});
});
