import fc, { type Arbitrary } from "fast-check";
import type { ApiEvent } from "../../lambda/middleware/api-event.ts";
import { apiEvent } from "../support/api-events.ts";
import type { WireRequest } from "./wire-request.ts";

/** How API Gateway and Function URLs may hand over the same request. */
export type EventShape = Readonly<{
	base64: boolean;
	cookies: readonly string[] | undefined;
	pathParameters: Readonly<Record<string, string>> | undefined;
	/** Members that an event may lack altogether. */
	without: readonly ("headers" | "queryStringParameters" | "body" | "isBase64Encoded" | "rawQueryString")[];
}>;

export const eventShapes: Arbitrary<EventShape> = fc.record({
	base64: fc.boolean(),
	cookies: fc.option(fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 }), { nil: undefined }),
	pathParameters: fc.option(fc.constantFrom({ proxy: "v1/tasks" }, { __proto__: "x" }, { task_id: "" }), {
		nil: undefined,
	}),
	without: fc.oneof(
		{ weight: 4, arbitrary: fc.constant([]) },
		{
			weight: 1,
			arbitrary: fc.subarray([
				"headers",
				"queryStringParameters",
				"body",
				"isBase64Encoded",
				"rawQueryString",
			] as const),
		},
	),
});

/** Repeated names are joined with commas, in lower case. */
const joined = (pairs: Iterable<readonly [name: string, value: string]>): Record<string, string> => {
	const record: Record<string, string> = Object.create(null);
	for (const [name, value] of pairs) record[name] = name in record ? `${record[name]},${value}` : value;
	return { ...record };
};

/** The request as an event of payload format 2.0. */
export const apiEventOf = ({ method, path, headers, body }: WireRequest, shape: EventShape): ApiEvent => {
	const [rawPath = "/", rawQueryString = ""] = path.split("?", 2);
	const event = apiEvent(method, "/");
	const { base64, cookies, pathParameters, without } = shape;
	const made = {
		...event,
		rawPath,
		rawQueryString,
		headers: joined(headers.map(([name, value]) => [name.toLowerCase(), value] as const)),
		...(rawQueryString ? { queryStringParameters: joined(new URLSearchParams(rawQueryString)) } : {}),
		...(cookies ? { cookies } : {}),
		...(pathParameters ? { pathParameters } : {}),
		requestContext: {
			...event.requestContext,
			http: { ...event.requestContext.http, method, path: rawPath },
		},
		...(body ? { body: Buffer.from(body).toString(base64 ? "base64" : "utf8") } : {}),
		isBase64Encoded: base64,
	};
	return Object.fromEntries(
		Object.entries(made).filter(([name]) => !(without as readonly string[]).includes(name)),
	) as unknown as ApiEvent;
};
