import { schemaTable } from "./docs-members.ts";
import { operationSection, webhookSection } from "./docs-operation.ts";
import { inline, type Markup, markup, prose } from "./markup.ts";
import type { OpenApiDocument, PathOperation } from "./open-api-document.ts";

const STYLE = `:root{color-scheme:light dark;--line:#8884;--shade:#8881}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0;display:grid;grid-template-columns:17rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:1rem;border-right:1px solid var(--line);font-size:14px}
nav a{display:block;color:inherit;text-decoration:none;padding:1px 0}
nav a b[class]{font-size:10px}
nav a:hover{text-decoration:underline}
nav h2{font-size:12px;text-transform:uppercase;letter-spacing:.05em;border:0;margin:1.2rem 0 .3rem;padding:0}
main{padding:1rem 2rem 6rem;max-width:64rem}
h2{margin-top:3rem;border-top:1px solid var(--line);padding-top:1rem}
h3{margin:2.5rem 0 .3rem}h4{margin:1rem 0 .3rem}
code,pre{font:13px/1.5 ui-monospace,monospace}
pre{background:var(--shade);padding:.7rem;overflow-x:auto;border-radius:4px;margin:.3rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-size:12px;font-weight:600}
td code{overflow-wrap:anywhere}td:first-child{white-space:nowrap}
.get{color:#0a7a3d}.post{color:#1a5fb4}.put,.patch{color:#a05a00}.delete{color:#c01c28}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;border:0}main{padding:1rem}}`;

type Entry = Readonly<{ path: string; method: string; operation: PathOperation }>;

const entriesOf = (paths: OpenApiDocument["paths"]): Entry[] =>
	Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
	);

const navigation = ({ tags, components }: OpenApiDocument, entries: readonly Entry[]): Markup => {
	const links = (tag: string): Markup[] =>
		entries
			.filter(({ operation }) => operation.tags[0] === tag)
			.map(
				({ method, operation }) =>
					markup`<a href="#${operation.operationId}"><b class="${method}">${method.toUpperCase()}</b> ${operation.summary}</a>`,
			);
	const groups = tags.map(({ name }) => markup`<h2>${name}</h2>${links(name)}`);
	const schemas = Object.keys(components.schemas).map(
		(name) => markup`<a href="#schema-${name}">${name}</a>`,
	);
	return markup`<nav><a href="#top"><b>AsyncQueue</b></a>${groups}<h2>Bodies</h2>${schemas}</nav>`;
};

const introduction = (
	{ info }: OpenApiDocument,
	url: string,
): Markup => markup`<h1 id="top">${info.title} ${info.version}</h1>
${prose(info.description)}
<p>The same for programs: <a href="openapi.json">openapi.json</a>. For the examples below:</p>
<pre>URL=${url}
KEY=aq_live_…</pre>`;

const tagSections = ({ tags, components, webhooks }: OpenApiDocument, entries: readonly Entry[]): Markup[] =>
	tags.map(({ name, description }) => {
		const isHere = ({ operation }: Pick<Entry, "operation">): boolean => operation.tags[0] === name;
		const calls = Object.values(webhooks).map(({ post }) => ({ operation: post }));
		const sections = [
			...entries
				.filter(isHere)
				.map(({ path, method, operation }) => operationSection(path, method, operation, components)),
			...calls.filter(isHere).map(({ operation }) => webhookSection(operation, components)),
		];
		return markup`<h2>${name}</h2><p>${description}</p>${sections}`;
	});

const schemaSections = ({ components }: OpenApiDocument): Markup[] =>
	Object.entries(components.schemas).map(
		([name, schema]) =>
			markup`<section id="schema-${name}"><h3>${name}</h3><p>${inline(schema.description ?? "")}</p>${schemaTable(schema)}</section>`,
	);

/** The document as a page for people. `url` is where the API is, for the examples. */
export const docsPage = (document: OpenApiDocument, url: string): string => {
	const entries = entriesOf(document.paths);
	return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${document.info.title} API</title><style>${{ html: STYLE }}</style></head>
<body>${navigation(document, [...entries, ...entriesOf(document.webhooks)])}
<main>${introduction(document, url)}
${tagSections(document, entries)}
<h2>Bodies</h2>${schemaSections(document)}</main></body></html>`.html;
};
