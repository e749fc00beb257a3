import fc, { type Arbitrary } from "fast-check";
import { type Operation, routes } from "../../lambda/routes.ts";
import { acceptableBodies, acceptableQueries } from "./api-bodies.ts";
import { hostileValue } from "./hostile-json.ts";
import type { KnownIds } from "./known-ids.ts";
import { type Headers, oddParts, type Parts, RIGHT_KEY, utf8 } from "./odd-parts.ts";
import type { WireRequest } from "./wire-request.ts";

/** Keys that a request may be sent with. */
export type Keys = Readonly<Record<"live" | "test", string>>;

/** A request in which `{name}` and `{key:mode}` still stand for what only a running server can say. */
export type Draft = Readonly<{
	/** `valid`: nothing is wrong with it. `faulty`: one thing is. `wild`: anything may be. */
	kind: "valid" | "faulty" | "wild";
	operation: Operation;
	method: string;
	path: string;
	/** Chooses among known ids. */
	pick: number;
	headers: Headers;
	body: Uint8Array | null;
	chunks: readonly number[];
}>;

/** How often each operation is asked for. Rare are new keys, as all of them are listed at once, and jobs: they take long. */
const weights: Readonly<Partial<Record<Operation, number>>> = {
	createTask: 30,
	createTaskBatch: 3,
	redriveQueue: 1,
	cancelQueue: 1,
	purgeQueue: 1,
	createApiKey: 1,
	listApiKeys: 1,
};

const goodHeaders: Arbitrary<Headers> = fc.oneof(
	{ weight: 3, arbitrary: fc.constant<Headers>([]) },
	{
		weight: 1,
		arbitrary: fc.constant<Headers>([["traceparent", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`]]),
	},
);

const contentType: Arbitrary<string> = fc.constantFrom(
	"application/json",
	"application/json; charset=utf-8",
	"application/vnd.api+json",
);
const textQuery = (query: unknown): string =>
	Object.entries(query as Record<string, unknown>)
		.map(([name, value]) => `${name}=${value}`)
		.join("&");

const chunks = fc.oneof(
	{ weight: 9, arbitrary: fc.constant<number[]>([]) },
	{ weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 3 }) },
);

const rightParts = (route: (typeof routes)[number], acceptable: Arbitrary<unknown> | undefined): Parts => ({
	method: fc.constant(route.method),
	path: fc.constant(route.path),
	query: acceptableQueries[route.operation]?.map(textQuery) ?? fc.constant(""),
	key: fc.constant(RIGHT_KEY),
	type: acceptable ? contentType.map((type) => [["Content-Type", type]] as const) : fc.constant<Headers>([]),
	others: goodHeaders,
	body: acceptable?.map(utf8) ?? fc.constant(null),
});

const draftOf = (kind: Draft["kind"], operation: Operation, parts: Parts): Arbitrary<Draft> =>
	fc.record({ ...parts, chunks, pick: fc.nat() }).map(({ query, key, type, others, path, ...draft }) => ({
		...draft,
		kind,
		operation,
		path: query === "" ? path : `${path}?${query}`,
		headers: [...key, ...type, ...others],
	}));

const PART_NAMES = ["method", "path", "query", "key", "type", "others", "body"] as const;

const routeDrafts = (route: (typeof routes)[number], webhookUrl: string): Arbitrary<Draft> => {
	const acceptable = acceptableBodies(webhookUrl)[route.operation];
	const right = rightParts(route, acceptable);
	const odd = oddParts(route.path, acceptable ?? hostileValue);
	const faulty = (acceptable ? ([...PART_NAMES, "body", "body"] as const) : PART_NAMES).map((part) =>
		draftOf("faulty", route.operation, { ...right, [part]: odd[part] }),
	);
	return fc.oneof(
		{ weight: 4, arbitrary: draftOf("valid", route.operation, right) },
		{ weight: 4, arbitrary: fc.oneof(...faulty) },
		{
			weight: 2,
			arbitrary: draftOf("wild", route.operation, { ...odd, method: fc.oneof(right.method, odd.method) }),
		},
	);
};

/** Requests to every route of the API: valid, nearly valid and wild ones. Valid tasks go to `webhookUrl`. */
export const apiRequests = (webhookUrl: string): Arbitrary<Draft> =>
	fc.oneof(
		...routes.map((route) => ({
			weight: weights[route.operation] ?? 3,
			arbitrary: routeDrafts(route, webhookUrl),
		})),
	);

/** The draft as it can be sent now. */
export const resolveDraft = (draft: Draft, known: KnownIds, { live, test }: Keys): WireRequest => {
	const { method, headers, body, chunks, pick } = draft;
	return {
		method,
		body,
		chunks,
		path: draft.path.replace(/\{(\w+)\}/g, (_, name: string) => known.pick(name, pick)),
		headers: headers.map(
			([name, value]) => [name, value.replace("{key:live}", live).replace("{key:test}", test)] as const,
		),
	};
};
