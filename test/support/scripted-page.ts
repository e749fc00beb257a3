import { createContext, runInContext } from "node:vm";

type Listener = (event?: unknown) => Promise<void>;

const STATE = /<div id="state">.*?<\/div>/s;

const firstOf = (pattern: RegExp, text: string): string => pattern.exec(text)?.[1] ?? "";

/** The inputs of a form as its page has them, with other values for some. A checkbox is ticked by any value. */
const elementsOf = (html: string, form: string, values: Readonly<Record<string, string>>) => {
	const inside = firstOf(new RegExp(`<form id="${form}">(.*?)</form>`, "s"), html);
	const inputs = [...inside.matchAll(/name="(\w+)"(?: value="([^"]*)")?/g)];
	return Object.fromEntries(
		inputs.map(([, name = "", value]) => [
			name,
			{ value: values[name] ?? value, checked: values[name] !== undefined },
		]),
	);
};

/**
 * A page served at `url` whose script runs with as much of a browser as it needs: elements with an id, listeners that
 * return promises, and `fetch`. What the page replaces is its element `state`.
 */
export const openPage = (html: string, url: string) => {
	const texts = new Map<string, string>();
	const listeners = new Map<string, Listener>();
	let state = STATE.exec(html)?.[0] ?? "";
	let refresh: Listener = async () => undefined;
	const elementOf = (id: string) => ({
		addEventListener: (_: string, listener: Listener) => listeners.set(id, listener),
		replaceWith: (fresh: string) => {
			state = fresh;
		},
		set textContent(text: string) {
			texts.set(id, text);
		},
	});
	const browser = {
		fetch: (path: string, options: RequestInit) => fetch(`${url}${path}`, options),
		setInterval: (tick: Listener) => {
			refresh = tick;
		},
		DOMParser: class {
			parseFromString = (text: string) => ({ getElementById: () => STATE.exec(text)?.[0] });
		},
		document: { getElementById: elementOf },
	};
	runInContext(firstOf(/<script>(.*?)<\/script>/s, html), createContext(browser));
	const happen = async (id: string, event?: unknown): Promise<void> => listeners.get(id)?.(event);
	return {
		/** Sends a form, with these values in place of its own. */
		submit: (form: string, values: Readonly<Record<string, string>>) =>
			happen(form, { preventDefault: () => undefined, target: { elements: elementsOf(html, form, values) } }),
		click: (id: string) => happen(id),
		/** What happens now and then. */
		refresh: () => refresh(),
		state: () => state,
		textOf: (id: string) => texts.get(id),
	};
};
