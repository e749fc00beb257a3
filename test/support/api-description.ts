import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { openApiDocument } from "../../lambda/openapi/document.ts";
import type {
	JsonSchema,
	MediaTypes,
	OpenApiDocument,
	PathOperation,
	Response,
} from "../../lambda/openapi/open-api-document.ts";

/** What was sent and what came back. Header names in lower case; `json` bodies parsed, anything else as text. */
export type Exchange = Readonly<{
	method: string;
	/** Path and query. */
	path: string;
	requestBody: unknown;
	status: number;
	headers: Readonly<Record<string, string | string[] | undefined>>;
	body: unknown;
}>;

const ROOT = "openapi";

/** Of every answer to a valid key where requests are limited, as the document's introduction says. */
const ON_ANY_ANSWER: ReadonlySet<string> = new Set(["RateLimit-Policy", "RateLimit"]);

const pointer = (...names: readonly string[]): string =>
	`${ROOT}#/${names.map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** The document with every described object closed: what is not described is then a fault. */
const closed = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(closed);
	if (!isObject(value)) return value;
	const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
	// A schema, and not a member that happens to be called "properties".
	const isOpenSchema = isObject(value["properties"]) && (value["type"] === "object" || "$ref" in value);
	return isOpenSchema && !("additionalProperties" in value)
		? { ...copy, unevaluatedProperties: false }
		: copy;
};

const pathPattern = (path: string): RegExp =>
	new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`);

/** An API's own description of itself, as a judge of what it does. */
export class ApiDescription {
	readonly document: OpenApiDocument;
	readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
	readonly #validators = new Map<string, ValidateFunction>();
	/** Concrete paths come before templated ones (OpenAPI 3.1.1 §4.8.8.2). */
	readonly #paths: readonly (readonly [path: string, pattern: RegExp])[];

	constructor(document: OpenApiDocument) {
		this.document = document;
		formats.default(this.#ajv);
		this.#ajv.addSchema(closed(document) as JsonSchema, ROOT);
		this.#paths = Object.keys(document.paths)
			.toSorted((a, b) => Number(a.includes("{")) - Number(b.includes("{")))
			.map((path) => [path, pathPattern(path)]);
	}

	/** Everything about the exchange that is not as it is described. */
	faultsOf(exchange: Exchange): string[] {
		const method = exchange.method.toLowerCase();
		const pathname = exchange.path.split("?", 1)[0] ?? "";
		const found = this.#paths.find(
			([path, pattern]) => pattern.test(pathname) && this.#operation(path, method),
		);
		if (!found) return this.#faultsOfStray(exchange);
		const [path] = found;
		const operation = this.#operation(path, method);
		return operation ? this.#faultsOfOperation(exchange, operation, ["paths", path, method]) : [];
	}

	/** Everything about a call to a webhook that is not as it is described. Header names in lower case. */
	faultsOfDelivery(headers: Readonly<Record<string, string>>, body: unknown): string[] {
		const { parameters = [] } = this.document.webhooks["task"]?.post ?? {};
		const names = new Set(parameters.map(({ name }) => name.toLowerCase()));
		const place = ["webhooks", "task", "post"];
		return [
			...Object.keys(headers)
				.filter((name) => !names.has(name))
				.map((name) => `has a header ${name}, which is not described`),
			...parameters.flatMap(({ name, required }, index) => {
				const value = headers[name.toLowerCase()];
				if (value === undefined) return required ? [`has no header ${name}`] : [];
				return this.#check(pointer(...place, "parameters", `${index}`, "schema"), value, name);
			}),
			...this.#check(
				pointer(...place, "requestBody", "content", "application/json", "schema"),
				body,
				"the call",
			),
		];
	}

	#operation(path: string, method: string): PathOperation | undefined {
		return this.document.paths[path]?.[method];
	}

	/** Where nothing is described, everything is refused. */
	#faultsOfStray({ status, body }: Exchange): string[] {
		if (status !== 404 && status !== 405) return [`is not described, but answers ${status}`];
		return this.#check(pointer("components", "schemas", "Problem"), body, "the response");
	}

	#faultsOfOperation(exchange: Exchange, operation: PathOperation, place: readonly string[]): string[] {
		const described = operation.responses[exchange.status];
		if (!described) return [`has no described answer ${exchange.status}`];
		const isShared = "$ref" in described;
		const name = isShared ? described.$ref.replace("#/components/responses/", "") : "";
		const response = isShared ? this.document.components.responses[name] : described;
		if (!response) return [`has no response component ${name}`];
		const at = isShared ? ["components", "responses", name] : [...place, "responses", `${exchange.status}`];
		return [
			...this.#faultsOfHeaders(exchange, response),
			...this.#faultsOfContent(exchange, response.content, at),
			...(exchange.status < 400 ? this.#faultsOfQuery(exchange, operation, place) : []),
			...this.#faultsOfRequest(exchange, operation, place),
		];
	}

	#faultsOfHeaders({ headers }: Exchange, response: Response): string[] {
		const isSent = (name: string) => headers[name.toLowerCase()] !== undefined;
		const known = Object.entries(this.document.components.headers);
		return [
			...known
				.filter(([name, { required }]) => required && name in response.headers && !isSent(name))
				.map(([name]) => `has no header ${name}`),
			...known
				.filter(([name]) => isSent(name) && !(name in response.headers) && !ON_ANY_ANSWER.has(name))
				.map(([name]) => `has a header ${name}, which is not described for it`),
		];
	}

	#faultsOfContent(
		{ headers, body }: Exchange,
		content: MediaTypes | undefined,
		at: readonly string[],
	): string[] {
		const type = String(headers["content-type"] ?? "").split(";", 1)[0] ?? "";
		if (!content) return body === "" ? [] : ["has a body, and none is described"];
		if (!content[type]) return [`answers with the content type "${type}", which is not described`];
		return this.#check(pointer(...at, "content", type, "schema"), body, "the response");
	}

	#faultsOfQuery({ path }: Exchange, { parameters }: PathOperation, place: readonly string[]): string[] {
		const query = [...new URL(path, "http://api").searchParams];
		return query.flatMap(([name, text]) => {
			const index = parameters.findIndex((parameter) => parameter.in === "query" && parameter.name === name);
			if (index < 0) return [`takes ?${name}=, which is not described`];
			const value = parameters[index]?.schema.type === "integer" ? Number(text) : text;
			return this.#check(pointer(...place, "parameters", `${index}`, "schema"), value, `?${name}=`);
		});
	}

	/** What was accepted must have been described as acceptable. Items of a batch that were refused were not. */
	#faultsOfRequest(
		{ status, requestBody, body }: Exchange,
		{ requestBody: described }: PathOperation,
		place: readonly string[],
	): string[] {
		const accepted = status < 400 ? acceptedPart(requestBody, body) : undefined;
		if (accepted === undefined) return [];
		if (!described) return ["takes a body, and none is described"];
		const at = pointer(...place, "requestBody", "content", "application/json", "schema");
		return this.#check(at, accepted, "the request");
	}

	#check(at: string, value: unknown, what: string): string[] {
		const known = this.#validators.get(at);
		const validator = known ?? this.#ajv.compile({ $ref: at });
		this.#validators.set(at, validator);
		if (validator(value)) return [];
		return (validator.errors ?? []).map(
			({ instancePath, message, params }) => `${what}${instancePath} ${message} ${JSON.stringify(params)}`,
		);
	}
}

/** The request without those items of a batch that were refused each on its own; undefined if that leaves nothing. */
const acceptedPart = (requestBody: unknown, answer: unknown): unknown => {
	if (!isObject(requestBody) || !isObject(answer) || !Array.isArray(requestBody["tasks"])) return requestBody;
	const results: readonly unknown[] = Array.isArray(answer["results"]) ? answer["results"] : [];
	const accepted = requestBody["tasks"].filter((_, index) => {
		const result = results[index];
		return isObject(result) && result["status"] === 201;
	});
	return accepted.length > 0 ? { ...requestBody, tasks: accepted } : undefined;
};

let own: ApiDescription | undefined;

/** Throws when an exchange is not as this version's `/openapi.json` says. `/dev/…` is no part of the API. */
export const assertAsDescribed = (exchange: Exchange): void => {
	if (exchange.path.startsWith("/dev/")) return;
	own ??= new ApiDescription(openApiDocument());
	const faults = own.faultsOf(exchange);
	if (faults.length === 0) return;
	const { method, path, status } = exchange;
	throw new Error(`${method} ${path} → ${status} is not as /openapi.json says: ${faults.join("; ")}`);
};
