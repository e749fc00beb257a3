import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEmbeddedConfig } from "../../lambda/adapters/embedded/config.ts";
import { type EmbeddedWorld, openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { systemRandom } from "../../lambda/adapters/system.ts";
import type { Ports } from "../../lambda/ports.ts";
import { authenticate } from "../../lambda/usecases/authenticate.ts";
import { createApiKey, type IssuedApiKey } from "../../lambda/usecases/create-api-key.ts";
import { retireDataKeys, rotateDataKey } from "../../lambda/usecases/rotate-data-key.ts";
import { signingSecrets } from "../../lambda/usecases/signing-secrets.ts";
import { startLocalServer } from "../../local/local-server.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { ApiClient } from "../support/api-client.ts";
import { eventually } from "../support/eventually.ts";
import { newApiKey, startServer } from "../support/server-process.ts";
import { verifiesByHand } from "../support/signature-check.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";
import { NOON } from "../support/unique-tasks.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

const TEAM = "acme";

let folder: TemporaryFolder;
let worlds: EmbeddedWorld[];
beforeEach(() => {
	folder = makeTemporaryFolder("data-key");
	worlds = [];
});
afterEach(() => {
	for (const world of worlds) world.close();
	folder.remove();
});

const keyFile = () => join(folder.path, "encryption.key");
const versionsInFile = () => readFileSync(keyFile(), "latin1").match(/^v\d+(?= )/gm);

/** What a process on the folder has to do with keys. */
const open = () => {
	const clock = new VirtualClock(NOON);
	const world = openEmbeddedWorld({ folder: folder.path, clock });
	worlds.push(world);
	const ports = { ...world.stores, clock, timer: clock, random: systemRandom } as Partial<Ports> as Ports;
	return { ...ports, dataKeys: world.dataKeys, database: world.database, close: () => world.close() };
};
type Process = ReturnType<typeof open>;

const issue = (ports: Process) => createApiKey(ports, TEAM, { name: "ci", mode: "live" });
const ciphertextVersions = async (ports: Process) => {
	const { keys } = await ports.keys.walk();
	return keys.flatMap(({ secrets }) => secrets.map(({ ciphertext }) => ciphertext.split(".")[0]));
};
const works = async (ports: Process, { key, secret }: IssuedApiKey) => {
	expect(await authenticate(ports, secret)).toMatchObject({ keyId: key.id });
	expect(await signingSecrets(ports, TEAM, key.id)).toEqual([secret]);
};

describe("the data key of a data folder", () => {
	test("is replaced by another, under which everything is encrypted anew", async () => {
		const ports = open();
		const issued = [await issue(ports), await issue(ports)];
		copyFileSync(keyFile(), `${keyFile()}.old`);
		expect(await rotateDataKey(ports)).toEqual({ version: 2, resealed: 2 });
		expect(await retireDataKeys(ports)).toEqual({ version: 2, resealed: 0, removed: [1] });

		expect(versionsInFile()).toEqual(["v2"]);
		expect(await ciphertextVersions(ports)).toEqual(["v2", "v2"]);
		for (const each of issued) await works(ports, each);
		await works(ports, await issue(ports));
		ports.close();
		const again = open();
		for (const each of issued) await works(again, each);
		again.close();

		copyFileSync(`${keyFile()}.old`, keyFile());
		const withOld = open();
		for (const { key } of issued)
			await expect(signingSecrets(withOld, TEAM, key.id)).rejects.toThrow("signing_key_unreadable");
	});

	test("is not removed before what replaces its ciphertexts is on disk", async () => {
		const ports = open();
		await issue(ports);
		await rotateDataKey(ports);
		let isCommitted = false;
		void ports.database.committed().then(() => {
			isCommitted = true;
		});
		await ports.dataKeys.remove(1);
		expect(isCommitted).toBe(true);
		expect(versionsInFile()).toEqual(["v2"]);
	});

	test.each(["as one of an earlier program, 32 bytes", "as lines"])("is read %s", async (form) => {
		const first = open();
		const issued = await issue(first);
		first.close();
		const [, key = ""] = readFileSync(keyFile(), "latin1").match(/^v1 ([\w-]{43})\n$/) ?? [];
		if (form !== "as lines") writeFileSync(keyFile(), Buffer.from(key, "base64url"));
		const again = open();
		await works(again, issued);
		await rotateDataKey(again);
		await works(again, issued);
	});

	test.each(["v1 short\n", "v0 AAAA\n", "v1\n", `v1 ${"A".repeat(43)}\nx\n`, `v1 ${"A".repeat(43)}`, ""])(
		"is not read from a damaged file: %j",
		(content) => {
			open().close();
			writeFileSync(keyFile(), content);
			expect(() => open()).toThrow("is damaged");
		},
	);

	test("whose rotation broke off is retired by the next server", async () => {
		const first = open();
		const issued = await issue(first);
		await first.dataKeys.add();
		const late = await issue(first);
		first.close();
		expect(versionsInFile()).toEqual(["v1", "v2"]);

		const server = await startLocalServer(
			readEmbeddedConfig({ PORT: "0", ASYNCQUEUE_DATA: folder.path, ASYNCQUEUE_LOG_LEVEL: "silent" }),
		);
		await server.stop();

		expect(versionsInFile()).toEqual(["v2"]);
		const again = open();
		expect(new Set(await ciphertextVersions(again))).toEqual(new Set(["v2"]));
		for (const each of [issued, late]) await works(again, each);
	});
});

// Windows knows no such signal.
describe.skipIf(process.platform === "win32")("a server that is told to rotate its data key", () => {
	test("does so while it accepts and delivers, and fails nothing", async () => {
		const apiKey = newApiKey();
		const [server, receiver] = await Promise.all([
			startServer({ dataDir: folder.path, apiKey }),
			WebhookReceiver.open(),
		]);
		const api = new ApiClient(server.url, apiKey);
		const hook = receiver.hook();
		let isOver = false;
		const work = async () => {
			for (let round = 0; !isOver && round < 5_000; round += 1) {
				const { key = "" } = await api.expectCall<{ key?: string }>(201, "POST", "/v1/apikeys", {
					json: { name: "new" },
				});
				const task = await api.withKey(key).createTask({ queue: "rotation", webhook_url: hook.url });
				const call = await hook.next(({ body }) => body.task_id === task.id);
				expect(verifiesByHand(call, key)).toBe(true);
			}
		};
		const workers = Promise.all([work(), work(), work()]);
		for (const version of [2, 3]) {
			process.kill(server.pid, "SIGUSR2");
			const isRotated = () => (versionsInFile()?.join() === `v${version}` ? true : undefined);
			await Promise.race([eventually(`data key v${version}`, isRotated), workers]);
		}
		isOver = true;
		await workers;
		await api.close();
		await receiver.close();
		const { printed, code } = await server.stop();
		expect(code).toBe(0);
		expect(printed.match(/Data key v\d protects all API keys now/g)).toHaveLength(2);
		expect(new Set(await ciphertextVersions(open()))).toEqual(new Set(["v3"]));
	});
});
