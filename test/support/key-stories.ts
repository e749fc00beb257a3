import fc from "fast-check";
import { expect, it } from "vitest";
import { CachedKeyCipher } from "../../lambda/adapters/cached-key-cipher.ts";
import { CachedKeyStore } from "../../lambda/adapters/cached-key-store.ts";
import { systemRandom } from "../../lambda/adapters/system.ts";
import type { KeyStore } from "../../lambda/key-store.ts";
import type { KeyCipher, Ports } from "../../lambda/ports.ts";
import { authenticate } from "../../lambda/usecases/authenticate.ts";
import { createApiKey, type IssuedApiKey } from "../../lambda/usecases/create-api-key.ts";
import { revokeApiKey } from "../../lambda/usecases/revoke-api-key.ts";
import { rotateApiKey } from "../../lambda/usecases/rotate-api-key.ts";
import { signingSecrets } from "../../lambda/usecases/signing-secrets.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { recordingLog } from "./recording-log.ts";
import { NOON, uniqueTeam } from "./unique-tasks.ts";

/** What the contract allows for a key that was revoked elsewhere. */
const REFUSED_WITHIN_MS = 60_000;

const STEP_MS = 500;

/** What processes share. */
type Shared = Readonly<{ store: KeyStore; cipherOf: (clock: VirtualClock) => KeyCipher }>;

/** As much of a process as has to do with keys, with its own memory of what is stored. */
const processOver = ({ store, cipherOf }: Shared, clock: VirtualClock): Ports =>
	({
		keys: new CachedKeyStore({ store, clock, timer: clock }),
		cipher: new CachedKeyCipher(cipherOf(clock), clock),
		clock,
		timer: clock,
		random: {
			bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
			ulid: systemRandom.ulid,
		},
		log: recordingLog([]),
	}) as Partial<Ports> as Ports;

const isAdmitted = (ports: Ports, secret: string): Promise<boolean> =>
	authenticate(ports, secret).then(
		() => true,
		() => false,
	);

/** Two processes over what they share, and a key that both of them know. */
const openStory = async (shared: Shared) => {
	const clock = new VirtualClock(NOON);
	const [here, there] = [processOver(shared, clock), processOver(shared, clock)];
	const teamId = uniqueTeam();
	const issued = await createApiKey(here, teamId, { name: "ci", mode: "live" });
	return { clock, here, there, teamId, issued };
};

/** Lets promises that the clock has woken get on. */
const settled = async (): Promise<void> => {
	for (let turns = 0; turns < 5; turns += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** Lets the clock run in steps until `work` is done. Bounded. */
const runUntilDone = async <Result>(clock: VirtualClock, work: Promise<Result>): Promise<Result> => {
	let isDone = false;
	const working = work.finally(() => {
		isDone = true;
	});
	for (let steps = 0; !isDone && steps < 100_000; steps += 1) {
		await settled();
		clock.advanceBy(STEP_MS);
	}
	return working;
};

/** Real stores take real time, in which no virtual time must pass: lets `clock` stand until somebody waits for it. */
const untilItWaits = async (clock: VirtualClock): Promise<void> => {
	while (clock.nextWakeAt() === undefined) await settled();
};

/** Lets the clock run in steps until `isOver`, and does `look` at each of them. Bounded. */
const runWhile = async (clock: VirtualClock, look: () => Promise<boolean>): Promise<void> => {
	for (let steps = 0; steps < 1_000; steps += 1) {
		if (!(await look())) return;
		clock.advanceBy(STEP_MS);
	}
	throw new Error("The story does not end");
};

type Moments = Readonly<{ overlapSeconds: number; looksMs: readonly number[]; rotatesAfterMs: number }>;

/** Rotates a key in one process, while both are asked now and then what they sign with. */
const rotateUnderWatch = async (shared: Shared, { overlapSeconds, looksMs, rotatesAfterMs }: Moments) => {
	const { clock, here, there, teamId, issued } = await openStory(shared);
	let rotated: IssuedApiKey | undefined;
	const endsAt = NOON + rotatesAfterMs + overlapSeconds * 1_000;
	const look = async (ports: Ports): Promise<void> => {
		const secrets = await signingSecrets(ports, teamId, issued.key.id);
		expect(secrets.length).toBeGreaterThan(0);
		if (clock.now() < endsAt) expect(secrets).toContain(issued.secret);
		if (rotated) expect(secrets).toContain(rotated.secret);
	};
	const rotate = async () => {
		rotated = await rotateApiKey(here, teamId, issued.key.id, overlapSeconds);
	};
	let rotation: Promise<void> | undefined;
	for (const lookMs of [...looksMs, rotatesAfterMs, 45_000].sort((one, other) => one - other)) {
		clock.advanceTo(NOON + lookMs);
		await settled();
		if (lookMs >= rotatesAfterMs) rotation ??= rotate();
		await look(there);
		await look(here);
	}
	if (rotation) await runUntilDone(clock, rotation);
	await look(there);
	await look(here);
};

/** What processes that remember keys promise each other, over any store. */
export const keyStories = (world: string, share: () => Shared | Promise<Shared>): void => {
	it(`a new key is known everywhere at once (${world})`, async () => {
		const { there, teamId, issued, here } = await openStory(await share());
		expect(await isAdmitted(there, issued.secret)).toBe(true);
		const { secret, key } = await createApiKey(here, teamId, { name: "second", mode: "live" });
		expect(await isAdmitted(there, secret)).toBe(true);
		expect(await signingSecrets(there, teamId, key.id)).toEqual([secret]);
	});

	it(`a revoked key is refused everywhere 60 s later, and where it was revoked at once (${world})`, async () => {
		const shared = await share();
		for (const lookedAtMs of [0, 1, 15_000, 29_999]) {
			const { clock, here, there, teamId, issued } = await openStory(shared);
			expect(await isAdmitted(there, issued.secret)).toBe(true);
			clock.advanceBy(lookedAtMs);
			await revokeApiKey(here, teamId, issued.key.id);
			const revokedAt = clock.now();
			expect(await isAdmitted(here, issued.secret)).toBe(false);
			// Requests that keep coming must not keep it alive.
			await runWhile(clock, () => isAdmitted(there, issued.secret));
			expect(clock.now() - revokedAt).toBeLessThanOrEqual(REFUSED_WITHIN_MS);
			expect(await isAdmitted(there, issued.secret)).toBe(false);
		}
	});

	it(`the end of an overlap is the end everywhere, 60 s later at the latest (${world})`, async () => {
		const shared = await share();
		for (const overlapSeconds of [0, 1, 20, 100]) {
			const { clock, here, there, teamId, issued } = await openStory(shared);
			expect(await isAdmitted(there, issued.secret)).toBe(true);
			const endsAt = clock.now() + overlapSeconds * 1_000;
			const rotating = rotateApiKey(here, teamId, issued.key.id, overlapSeconds);
			await untilItWaits(clock);
			await runWhile(clock, () => isAdmitted(there, issued.secret));
			expect(clock.now()).toBeGreaterThanOrEqual(endsAt);
			expect(clock.now() - endsAt).toBeLessThanOrEqual(REFUSED_WITHIN_MS);
			expect(await isAdmitted(there, (await runUntilDone(clock, rotating)).secret)).toBe(true);
		}
	});

	it(`a receiver can verify with the old secret until its overlap ends, and with the new one as soon as it has it (${world})`, async () => {
		const shared = await share();
		const moments = fc.record({
			overlapSeconds: fc.integer({ min: 0, max: 40 }),
			/** When the other process has looked at the key, before and after the rotation. */
			looksMs: fc.array(fc.nat(20_000), { maxLength: 5 }),
			rotatesAfterMs: fc.nat(10_000),
		});
		await fc.assert(
			fc.asyncProperty(moments, (when) => rotateUnderWatch(shared, when)),
			{ numRuns: 30 },
		);
	});
};
