import fc from "fast-check";
import { expect } from "vitest";
import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { SqliteKeyStore } from "../../lambda/adapters/embedded/sqlite-key-store.ts";
import { SqliteQueueStore } from "../../lambda/adapters/embedded/sqlite-queue-store.ts";
import type { Ports } from "../../lambda/ports.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { createModelWorld } from "../simulation/model/model-world.ts";
import { NOON } from "../support/unique-tasks.ts";

/** What can be asked in both worlds. */
type Stores = Pick<Ports, "tasks" | "idempotency" | "queues" | "keys" | "line" | "pumpSheets" | "jobs">;

/** One call, of which the counterexample of a failed run shows name and arguments. */
type Step = Readonly<{ name: string; args: unknown; run: (stores: Stores) => Promise<unknown> }>;

export const step = <Args>(
	name: string,
	args: fc.Arbitrary<Args>,
	run: (stores: Stores, args: Args) => Promise<unknown>,
): fc.Arbitrary<Step> => args.map((values) => ({ name, args: values, run: (stores) => run(stores, values) }));

/** Every step has the same answer, whatever came before it, in both worlds. */
export const expectSameAnswers = (steps: readonly fc.Arbitrary<Step>[], numRuns = 30): Promise<void> =>
	fc.assert(
		fc.asyncProperty(fc.array(fc.oneof(...steps), { minLength: 20, maxLength: 80 }), async (story) => {
			const clock = new VirtualClock(NOON);
			const sqlite = openEmbeddedWorld({ folder: ":memory:", clock });
			// Without the caches in front of them.
			const { database } = sqlite;
			const real = {
				...sqlite.stores,
				queues: new SqliteQueueStore(database),
				keys: new SqliteKeyStore(database),
			};
			const model = createModelWorld({ clock, precision: "embedded", walkPageSize: 1 }).stores;
			try {
				for (const { run } of story) expect(await run(model)).toEqual(await run(real));
			} finally {
				sqlite.close();
			}
		}),
		{ numRuns },
	);
