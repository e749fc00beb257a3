import { curlLine } from "./curl-line.ts";
import { memberRow, memberTable, schemaLink, schemaTable } from "./docs-members.ts";
import { inline, type Markup, markup, prose } from "./markup.ts";
import type { MediaTypes, OpenApiDocument, PathOperation, Response } from "./open-api-document.ts";
import { resolved, sampleOf } from "./sample-of.ts";

type Components = OpenApiDocument["components"];

const NONE = markup``;

const parameterTable = ({ parameters }: PathOperation): Markup => {
	if (parameters.length === 0) return NONE;
	const rows = parameters.map(({ name, in: place, schema, required, description = "" }) =>
		memberRow(name, schema, required, `${description} (${place})`),
	);
	return markup`<h4>Parameters</h4>${memberTable(rows)}`;
};

const requestBody = ({ requestBody: body }: PathOperation, { schemas }: Components): Markup => {
	const schema = body?.content["application/json"]?.schema;
	if (!body || !schema) return NONE;
	return markup`<h4>Body</h4><p>${schemaLink(schema)}${body.required ? "" : ", or none"}</p>${schemaTable(resolved(schema, schemas))}`;
};

const curlExamples = (path: string, method: string, operation: PathOperation): Markup[] => {
	const examples = Object.values(operation.requestBody?.content["application/json"]?.examples ?? {});
	if (examples.length === 0) return [markup`<pre>${curlLine(method, path, operation)}</pre>`];
	return examples.map(
		({ summary, value }) => markup`<p>${summary}:</p><pre>${curlLine(method, path, operation, value)}</pre>`,
	);
};

const JSON_INDENT = 2;

const sampleBody = (content: MediaTypes, { schemas }: Components): Markup => {
	const schema = content["application/json"]?.schema;
	if (!schema) return NONE;
	const sample = JSON.stringify(sampleOf(schema, schemas), null, JSON_INDENT);
	return markup`<details><summary>example</summary><pre>${sample}</pre></details>`;
};

const bodyOf = ({ content = {} }: Response, components: Components): Markup => {
	const kinds = Object.entries(content).map(([type, { schema }]) =>
		schema.$ref && !schema.properties ? schemaLink(schema) : markup`<code>${type}</code>`,
	);
	return markup`${kinds}${sampleBody(content, components)}`;
};

const responseRows = (operation: PathOperation, components: Components): Markup[] =>
	Object.entries(operation.responses).map(([status, answer]) => {
		const response =
			"$ref" in answer ? components.responses[answer.$ref.replace("#/components/responses/", "")] : answer;
		if (!response) return NONE;
		return markup`<tr><td>${status}</td><td>${inline(response.description)}</td><td>${bodyOf(response, components)}</td></tr>`;
	});

const answers = (operation: PathOperation, components: Components): Markup =>
	markup`<h4>Answers</h4><table><thead><tr><th>status</th><th>meaning</th><th>body</th></tr></thead><tbody>${responseRows(operation, components)}</tbody></table>`;

const section = (operation: PathOperation, route: Markup, components: Components, example: Markup): Markup =>
	markup`<section id="${operation.operationId}">
<h3>${operation.summary}</h3>
<p>${route}</p>
${prose(operation.description)}
${parameterTable(operation)}
${requestBody(operation, components)}
${example}
${answers(operation, components)}
</section>`;

/** Everything about one operation. */
export const operationSection = (
	path: string,
	method: string,
	operation: PathOperation,
	components: Components,
): Markup => {
	const route = markup`<b class="${method}">${method.toUpperCase()}</b> <code>${path}</code>`;
	const example = markup`<h4>Try it</h4>${curlExamples(path, method, operation)}`;
	return section(operation, route, components, example);
};

/** Everything about the calls that a webhook receives. */
export const webhookSection = (operation: PathOperation, components: Components): Markup => {
	const route = markup`<b class="post">POST</b> to your webhook`;
	const { schema = {} } = operation.requestBody?.content["application/json"] ?? {};
	const sample = JSON.stringify(sampleOf(schema, components.schemas), null, JSON_INDENT);
	return section(operation, route, components, markup`<h4>Example</h4><pre>${sample}</pre>`);
};
