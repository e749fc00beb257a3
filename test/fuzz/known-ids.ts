import type { WireResponse } from "./wire-response.ts";

/** Enough to meet tasks of every age, few enough to meet some of them again. */
const MOST_KEPT = 200;

/** Queues that requests are about. Names that mean something to JavaScript are among them. */
export const QUEUES: readonly string[] = [
	...Array.from({ length: 12 }, (_, number) => `q${number}`),
	...[
		"constructor",
		"toString",
		"hasOwnProperty",
		"valueOf",
		"0",
		"A",
		"a.b_c-1",
		"x".repeat(64),
		"null",
		"undefined",
	],
];

/** Base64url of a task id that was never given out: a valid cursor, while no other is known, and no valid id. */
const NOBODYS_TASK = Buffer.from("task_01KANV8E00ABCDEFGHJKMNPQRS1SVDYG6").toString("base64url");

type Kind = "task_id" | "job_id" | "key_id" | "cursor";

/** What the API has said exists: requests that only guess would never get past "not found". */
export class KnownIds {
	readonly #ids: Record<Kind, string[]> = { task_id: [], job_id: [], key_id: [], cursor: [] };

	/** One of the known values of a parameter. */
	pick(name: string, number: number): string {
		const ids = name === "queue" ? QUEUES : (this.#ids[name as Kind] ?? []);
		return ids[number % Math.max(1, ids.length)] ?? NOBODYS_TASK;
	}

	/** Remembers what a response has created or leads to. */
	learn({ status, headers, body }: WireResponse): void {
		if (status === 201 || status === 202) this.#learnId(JSON.parse(body).id);
		else if (
			status === 200 &&
			headers["content-type"] === "application/json" &&
			body.includes('"next_cursor":"')
		)
			this.#keep("cursor", JSON.parse(body).pagination.next_cursor);
	}

	#learnId(id: string): void {
		const prefix = /^(task|job|key)_/.exec(id)?.[1];
		if (prefix) this.#keep(`${prefix as "task" | "job" | "key"}_id`, id);
	}

	#keep(kind: Kind, id: string): void {
		const ids = this.#ids[kind];
		ids.push(id);
		if (ids.length > MOST_KEPT) ids.shift();
	}
}
