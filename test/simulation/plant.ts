import { registerHooks } from "node:module";

/** A change of the product's source that puts a bug into it. */
export type Plant = Readonly<{ name: string; edits: readonly PlantEdit[] }>;

/** Replaces the text in a file below the repository's root; it must occur there once. */
type PlantEdit = Readonly<{ file: string; find: string; replace: string }>;

const ROOT = new URL("../../", import.meta.url);

const applied = (source: string, { file, find, replace }: PlantEdit): string => {
	const places = source.split(find).length - 1;
	if (places !== 1)
		throw new Error(`The bug has ${places} places in ${file} where it could be planted: ${find}`);
	return source.replace(find, () => replace);
};

/** Puts a bug into everything of the product that this thread loads from now on. */
export const plant = ({ edits }: Plant): void => {
	registerHooks({
		load: (url, context, nextLoad) => {
			const loaded = nextLoad(url, context);
			const concerned = edits.filter(({ file }) => url === new URL(file, ROOT).href);
			if (concerned.length === 0) return loaded;
			return { ...loaded, source: concerned.reduce(applied, String(loaded.source)) };
		},
	});
};
