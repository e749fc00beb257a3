import type { EmbeddedWorld } from "../lambda/adapters/embedded/embedded-world.ts";
import { BATCH_SIZE } from "../lambda/core/delivery-limits.ts";
import { drainHandler } from "../lambda/handlers/drain.ts";
import type { Ports } from "../lambda/ports.ts";
import { reconcileTasks } from "../lambda/usecases/reconcile-tasks.ts";
import { toSqsEvent } from "./sqs-event.ts";

const HOUR_MS = 3_600_000;

const RECONCILE_INTERVAL_MS = 24 * HOUR_MS;

/** After the start, when what was left over has been worked off; a server that is started every day would never come to it otherwise. */
const FIRST_RECONCILE_MS = HOUR_MS;

/** Tasks expire by the day, and a message dies after half an hour: nobody minds an hour more. */
const TIDY_INTERVAL_MS = HOUR_MS;

/** Asked between steps; a chore stops early when it says no, and goes on at its next time. */
type MayContinue = () => boolean;

/**
 * As the deployed drain does: messages that were put aside as undeliverable are sent again, or close their tasks with a
 * reason. Those that nobody can read or handle stay.
 */
const drain = async (world: EmbeddedWorld, ports: Ports, mayContinue: MayContinue): Promise<void> => {
	const handle = drainHandler(ports);
	for (const queue of [world.messages, world.workMessages]) {
		const dead = queue.dead();
		for (let from = 0; from < dead.length && mayContinue(); from += BATCH_SIZE) {
			const batch = dead.slice(from, from + BATCH_SIZE);
			const { batchItemFailures } = await handle(toSqsEvent(batch), {});
			const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
			queue.deleteDead(batch.map(({ messageId }) => messageId).filter((id) => !failed.has(id)));
		}
	}
};

/** As the deployed stack does, once a day: gives tasks and jobs whose message was lost another one. */
const reconcile = async (ports: Ports, mayContinue: MayContinue): Promise<void> => {
	try {
		const { nextCursor, ...counts } = await reconcileTasks(ports, { mayContinue });
		ports.log.info("reconcile.finished", { ...counts, complete: nextCursor === undefined });
	} catch (error) {
		ports.log.error("reconcile.failed", { error });
	}
};

/** As the deployed table does by itself: deletes what was kept for long enough. */
const prune = async (world: EmbeddedWorld, { log }: Ports, mayContinue: MayContinue): Promise<void> => {
	try {
		log.info("prune.finished", { tasks: await world.prune(mayContinue) });
	} catch (error) {
		log.error("prune.failed", { error });
	}
};

/** What expired goes first: there may be no room for anything else. */
const tidy = async (world: EmbeddedWorld, ports: Ports, mayContinue: MayContinue): Promise<void> => {
	await prune(world, ports, mayContinue);
	try {
		await drain(world, ports, mayContinue);
	} catch (error) {
		ports.log.error("drain.broke_off", { error });
	}
};

/** Does at once and now and then what nobody asks for. Returns a function that ends this. */
export const startHousekeeping = (world: EmbeddedWorld, ports: Ports): (() => Promise<void>) => {
	const end = new AbortController();
	const mayContinue = () => !end.signal.aborted;
	const tidying = () => tidy(world, ports, mayContinue);
	// At the start too: a server that is started anew every day would keep everything otherwise.
	let current = tidying();
	const every = async (milliseconds: number, chore: () => Promise<void>, firstMs = milliseconds) => {
		for (let pause = firstMs; ; pause = milliseconds) {
			await ports.timer.sleep(pause, end.signal);
			if (!mayContinue()) return;
			current = current.then(chore);
			await current;
		}
	};
	const chores = [
		every(TIDY_INTERVAL_MS, tidying),
		every(RECONCILE_INTERVAL_MS, () => reconcile(ports, mayContinue), FIRST_RECONCILE_MS),
	];
	return async () => {
		end.abort();
		await Promise.all([current, ...chores]);
	};
};
