import { type Operation, routes } from "../../lambda/routes.ts";

/** What a route's path can hold. */
export const PARAMETERS = ["task_id", "queue", "job_id", "key_id"] as const;
export type Parameter = (typeof PARAMETERS)[number];

/** One request of a stranger, and which of its parameters belong to somebody else. The others are the stranger's own. */
export type StrangersRequest = Readonly<{
	name: string;
	operation: Operation;
	method: string;
	path: string;
	body: unknown;
	foreign: readonly Parameter[];
}>;

/** Bodies that would change something if the owner's things could be reached. */
const bodies: Readonly<Partial<Record<Operation, unknown>>> = {
	putQueue: { paused: true, max_retries: 9 },
	patchQueue: { paused: true },
	rotateApiKey: { overlap_seconds: 0 },
};

/** The same route asked in another way. */
const queries: Readonly<Partial<Record<Operation, readonly string[]>>> = {
	deleteQueue: ["", "?force=true"],
};

const parametersOf = (path: string): Parameter[] =>
	[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as Parameter);

/** All ways to choose some of them, at least one. */
const choices = (names: readonly Parameter[]): Parameter[][] =>
	Array.from({ length: 2 ** names.length - 1 }, (_, bits) =>
		names.filter((_name, at) => (bits + 1) & (1 << at)),
	);

/** Every route with parameters, with every mixture of one's own and foreign ones. */
export const strangersRequests: readonly StrangersRequest[] = routes.flatMap(({ method, path, operation }) =>
	choices(parametersOf(path)).flatMap((foreign) =>
		(queries[operation] ?? [""]).map((query) => ({
			name: `${method} ${path}${query} with a foreign ${foreign.join(" and ")}`,
			operation,
			method,
			path: `${path}${query}`,
			body: bodies[operation],
			foreign,
		})),
	),
);
