import type { Parameter, PathOperation } from "./open-api-document.ts";

const exampleOf = ({ schema }: Parameter): string => String(schema.examples?.[0] ?? "");

/** The path with the examples of its parameters. */
const filledPath = (path: string, parameters: readonly Parameter[]): string =>
	parameters
		.filter((parameter) => parameter.in === "path")
		.reduce((filled, parameter) => filled.replace(`{${parameter.name}}`, exampleOf(parameter)), path);

/** A word that a POSIX shell takes as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A request as one takes it to a shell where `$URL` and `$KEY` are set. `body` is sent as JSON. */
export const curlLine = (method: string, path: string, operation: PathOperation, body?: unknown): string => {
	const { security, parameters } = operation;
	const verb = method === "get" ? "" : ` -X ${method.toUpperCase()}`;
	const parts = [
		`curl${verb} "$URL${filledPath(path, parameters)}"`,
		...(security ? [] : [`-H "Authorization: Bearer $KEY"`]),
		...(body === undefined
			? []
			: [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body, null, 2))}`]),
	];
	return parts.join(" \\\n  ");
};
