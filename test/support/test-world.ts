import { setImmediate as nextTurn } from "node:timers/promises";
import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { systemRandom } from "../../lambda/adapters/system.ts";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import type { Principal } from "../../lambda/core/principal.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { createRunners, EMBEDDED_FLOW_LIMITS } from "../../local/runners.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { A_PAYLOAD_TEXT } from "./new-tasks.ts";
import { type LogLine, recordingLog, textOf } from "./recording-log.ts";
import { ScriptedWebhooks } from "./scripted-webhooks.ts";
import { assertNoSecrets } from "./secret-watch.ts";

/** Monday, 2026-11-23T12:00:00Z. */
export const START = Date.UTC(2026, 10, 23, 12);

/** Turns of the event loop without any progress after which handlers are taken to wait for the clock. */
const QUIET_TURNS = 10;

/**
 * The embedded world in memory, with real stores, queue and handlers, a clock that only moves when told and a
 * scripted network. `overrides` replaces single ports, to make them fail.
 */
export const createTestWorld = async (overrides: (ports: Ports) => Partial<Ports> = () => ({})) => {
	const clock = new VirtualClock(START);
	const world = openEmbeddedWorld({ folder: ":memory:", clock });
	const webhooks = new ScriptedWebhooks();
	const logs: LogLine[] = [];
	const real: Ports = {
		...world.stores,
		webhooks,
		clock,
		timer: clock,
		random: systemRandom,
		log: recordingLog(logs),
		addressPolicy: addressPolicy({ allowPrivate: true }),
		flowLimits: EMBEDDED_FLOW_LIMITS,
	};
	const ports: Ports = { ...real, ...overrides(real) };
	const { deliveries, work } = createRunners(world, ports);
	const runners = [deliveries, work];
	let commits = 0;
	world.database.onCommit(() => {
		commits += 1;
	});
	const { key, secret } = await createApiKey(real, "team-a", { name: "test", mode: "live" });
	const principal: Principal = { teamId: key.teamId, keyId: key.id, mode: key.mode };

	/** What changes while handlers get on. */
	const progress = (): string => [commits, webhooks.calls.length, logs.length, clock.nextWakeAt()].join();

	/** Lets everything happen that needs neither the clock nor anybody outside. */
	const settle = async (): Promise<void> => {
		let quietTurns = 0;
		while (quietTurns < QUIET_TURNS) {
			const before = progress();
			const begun = runners.map((runner) => runner.begin()).some((taken) => taken > 0);
			if (!begun && !runners.some(({ isBusy }) => isBusy)) return;
			await nextTurn();
			quietTurns = begun || progress() !== before ? 0 : quietTurns + 1;
		}
	};

	/** The next instant at which something happens, if anything does: messages fall due, sleepers wake. */
	const nextInstant = (): number => {
		// What is due and was not taken waits for a place, not for the clock.
		const due = [world.messages.nextDueAt(), world.workMessages.nextDueAt()].filter(
			(instant) => instant !== undefined && instant > clock.now(),
		);
		return Math.min(...[...due, clock.nextWakeAt()].map((instant) => instant ?? Number.POSITIVE_INFINITY));
	};

	/**
	 * Lets everything happen that is due until `instant`, each thing at its own time. Handlers that wait for something
	 * that the clock does not bring are left waiting.
	 */
	const runUntil = async (instant: number): Promise<void> => {
		await settle();
		for (let next = nextInstant(); next <= instant; next = nextInstant()) {
			clock.advanceTo(next);
			await settle();
		}
		clock.advanceTo(instant);
	};

	return {
		ports,
		clock,
		world,
		webhooks,
		logs,
		principal,
		secret,
		runUntil,
		/** As `runUntil`, `seconds` from now. */
		runFor: (seconds: number) => runUntil(clock.now() + seconds * 1_000),
		/** Also looks whether the log has given anything away. */
		close: () => {
			world.close();
			assertNoSecrets(textOf(logs), "The log has", [secret, A_PAYLOAD_TEXT]);
		},
	};
};

export type TestWorld = Awaited<ReturnType<typeof createTestWorld>>;
