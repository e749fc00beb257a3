import type { EmbeddedWorld } from "../lambda/adapters/embedded/embedded-world.ts";
import type { Ports } from "../lambda/ports.ts";
import { reconcileTasks } from "../lambda/usecases/reconcile-tasks.ts";

const HOUR_MS = 3_600_000;

const RECONCILE_INTERVAL_MS = 24 * HOUR_MS;

/** Tasks expire by the day: nobody minds an hour more. */
const PRUNE_INTERVAL_MS = HOUR_MS;

/** Asked between steps; a chore stops early when it says no, and goes on at its next time. */
type MayContinue = () => boolean;

/** As the deployed stack does once a day: gives tasks whose message was put aside as undeliverable another one. */
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

/** Does at once and now and then what nobody asks for. Returns a function that ends this. */
export const startHousekeeping = (world: EmbeddedWorld, ports: Ports): (() => Promise<void>) => {
	let stopped = false;
	const mayContinue = () => !stopped;
	const pruning = () => prune(world, ports, mayContinue);
	// At the start too: a server that is started anew every day would keep everything otherwise.
	let current = pruning();
	const every = (milliseconds: number, chore: () => Promise<void>): NodeJS.Timeout =>
		setInterval(() => {
			current = current.then(chore);
		}, milliseconds).unref();
	const timers = [
		every(PRUNE_INTERVAL_MS, pruning),
		every(RECONCILE_INTERVAL_MS, () => reconcile(ports, mayContinue)),
	];
	return async () => {
		stopped = true;
		timers.forEach(clearInterval);
		await current;
	};
};
