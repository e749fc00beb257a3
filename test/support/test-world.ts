import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { systemRandom } from "../../lambda/adapters/system.ts";
import type { Principal } from "../../lambda/core/principal.ts";
import { deliverHandler } from "../../lambda/handlers/deliver.ts";
import type { Log, Ports } from "../../lambda/ports.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { Runner } from "../../local/runner.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { ScriptedWebhooks } from "./scripted-webhooks.ts";

type LogLine = Readonly<{ level: string; event: string; fields: Readonly<Record<string, unknown>> }>;

const recordingLog = (lines: LogLine[]): Log => {
	const at = (level: string) => (event: string, fields: Readonly<Record<string, unknown>>) => {
		lines.push({ level, event, fields });
	};
	return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};

/** Monday, 2026-11-23T12:00:00Z. */
export const START = Date.UTC(2026, 10, 23, 12);

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
		random: systemRandom,
		log: recordingLog(logs),
		allowPrivateWebhooks: true,
	};
	const ports: Ports = { ...real, ...overrides(real) };
	const runner = new Runner({
		source: world.messages,
		handler: deliverHandler(ports),
		clock,
		log: ports.log,
	});
	const { key, secret } = await createApiKey(real, "team-a", { name: "test", mode: "live" });
	const principal: Principal = { teamId: key.teamId, keyId: key.id, mode: key.mode };

	/** Lets everything happen that is due until `instant`, each thing at its own time. */
	const runUntil = async (instant: number): Promise<void> => {
		while (await runner.tick());
		for (let next = world.messages.nextDueAt(); next !== undefined && next <= instant; ) {
			clock.advanceTo(next);
			while (await runner.tick());
			next = world.messages.nextDueAt();
		}
		clock.advanceTo(instant);
	};

	return {
		ports,
		clock,
		world,
		webhooks,
		logs,
		runner,
		principal,
		secret,
		runUntil,
		/** As `runUntil`, `seconds` from now. */
		runFor: (seconds: number) => runUntil(clock.now() + seconds * 1_000),
		close: () => world.close(),
	};
};

export type TestWorld = Awaited<ReturnType<typeof createTestWorld>>;
