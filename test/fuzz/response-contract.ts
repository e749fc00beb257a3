import type { WireResponse } from "./wire-response.ts";

const PROBLEM = "application/problem+json";
/** Lambda's synchronous responses: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_BODY_BYTES = 6_291_456;
const INTERNALS = /node:internal|node_modules|\.[cm]?[jt]s:\d+:\d+|SQLITE_/;

const parse = (text: string): Record<string, unknown> | undefined => {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
};

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const isFault = (fault: unknown): boolean =>
	typeof fault === "object" &&
	fault !== null &&
	typeof (fault as Record<string, unknown>)["path"] === "string" &&
	isText((fault as Record<string, unknown>)["message"]);

const problemFaults = (problem: Record<string, unknown>, status: number): string[] => {
	const { type, title, detail, error, code, errors } = problem;
	const texts = Object.entries({ type, title, detail, error, code });
	const faults = texts.filter(([, value]) => !isText(value)).map(([name]) => `problem without ${name}`);
	if (problem["status"] !== status) faults.push(`problem says status ${problem["status"]}`);
	if (type !== `urn:asyncqueue:error:${code}`) faults.push(`type ${type} is not that of ${code}`);
	const isInvalid = code === "invalid_request";
	if (isInvalid !== (Array.isArray(errors) && errors.length > 0 && errors.every(isFault)))
		faults.push("errors do not fit the code");
	return faults;
};

const HEADERS_OF_STATUS: Readonly<Record<number, string>> = { 401: "www-authenticate", 405: "allow" };

const refusalFaults = ({ status, headers, body }: WireResponse, method: string): string[] => {
	const faults: string[] = [];
	const needed = HEADERS_OF_STATUS[status];
	if (needed && !headers[needed]) faults.push(`${status} without ${needed}`);
	if (headers["content-type"] !== PROBLEM) faults.push(`an error as ${headers["content-type"]}`);
	if (method === "HEAD") return faults;
	const problem = parse(body);
	return problem
		? [...faults, ...problemFaults(problem, status)]
		: [...faults, "an error without a JSON object"];
};

const successFaults = ({ status, headers, body }: WireResponse): string[] => {
	if (status === 204) return body === "" && !("content-length" in headers) ? [] : ["204 with content"];
	if (headers["content-type"] === "text/html; charset=utf-8") return [];
	const isJson = headers["content-type"] === "application/json" && parse(body) !== undefined;
	return isJson ? [] : [`a ${status} that is no JSON object`];
};

/** Where a response breaks the contract: statuses that are nobody's fault, incomplete problems, leaks. */
export const contractFaults = (response: WireResponse, method: string): string[] => {
	const { status, headers, body } = response;
	const faults = status >= 400 ? refusalFaults(response, method) : successFaults(response);
	if (status >= 500 || status < 200 || (status >= 300 && status < 400)) faults.push(`status ${status}`);
	if (!/^[\x21-\x7e]{8,}$/.test(headers["x-request-id"] ?? "")) faults.push("no X-Request-Id");
	if (Buffer.byteLength(body) > MAX_BODY_BYTES)
		faults.push(`${body.length} bytes are more than Lambda can answer`);
	if (status >= 400 && INTERNALS.test(body)) faults.push("shows internals");
	return faults;
};
