import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import type { ListeningProgram } from "../support/listening-program.ts";
import { newApiKey, startServer, startServerInVain } from "../support/server-process.ts";
import { isDeployment } from "../support/target.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";

const temporaryFolder = (): string => {
	const folder = makeTemporaryFolder("start");
	onTestFinished(folder.remove);
	return folder.path;
};

const start = async (
	dataDir: string,
): Promise<{ dataDir: string; server: ListeningProgram; api: ApiClient }> => {
	const apiKey = newApiKey();
	const server = await startServer({ dataDir, apiKey });
	const api = new ApiClient(server.url, apiKey);
	onTestFinished(async () => {
		await api.close();
		await server.kill();
	});
	return { dataDir, server, api };
};

/** The `node` that a shell would find outside this repository, if it is older than 24. */
const oldNode = (process.env["PATH"] ?? "")
	.split(delimiter)
	.filter((folder) => !folder.includes("node_modules"))
	.map((folder) => join(folder, "node"))
	.filter((path) => existsSync(path))
	.find((path) => /^v(1\d|2[0-3])\./.test(execFileSync(path, ["--version"], { encoding: "utf8" })));

// Starts servers of its own: skipped against a deployment.
describe.skipIf(isDeployment)("an embedded server", () => {
	test("says which data folder is in use when another server has it, and gives up", async () => {
		const dataDir = temporaryFolder();
		await start(dataDir);

		const second = await startServerInVain({ dataDir, apiKey: newApiKey() });

		expect(second.code).toBeGreaterThan(0);
		expect(second.output).toContain(dataDir);
		expect(second.output).toMatch(/in use|taken|another/i);
		expect(second.output).not.toMatch(/^\s+at /m);
	});

	test("says which port is in use when something listens there, and gives up", async () => {
		const { server } = await start(temporaryFolder());
		const port = Number(new URL(server.url).port);

		const second = await startServerInVain({
			dataDir: temporaryFolder(),
			apiKey: newApiKey(),
			port,
		});

		expect(second.code).toBeGreaterThan(0);
		expect(second.output).toContain(String(port));
		expect(second.output).toMatch(/in use|taken|another/i);
		expect(second.output).not.toMatch(/^\s+at /m);
	});

	test("says what is wrong with a host that is none, and gives up", async () => {
		// Longer than a label of a name may be: nobody is asked for it.
		const settings = { HOST: "x".repeat(64) };
		const ended = await startServerInVain({ dataDir: ":memory:", apiKey: newApiKey(), settings });

		expect(ended.code).toBeGreaterThan(0);
		expect(ended.output).toMatch(/Cannot listen on x{64}:0 .*HOST/);
	});

	test("says what to do when it has the encryption key of another folder, and gives up", async () => {
		const [mine, others] = [await start(temporaryFolder()), await start(temporaryFolder())];
		for (const { server } of [mine, others]) await server.stop();
		copyFileSync(join(others.dataDir, "encryption.key"), join(mine.dataDir, "encryption.key"));

		const ended = await startServerInVain({ dataDir: mine.dataDir, apiKey: mine.api.key ?? "" });

		expect(ended.code).toBeGreaterThan(0);
		expect(ended.output).toMatch(/Restore the encryption\.key/);
	});

	test.skipIf(oldNode === undefined)("says what to do when it is started on an old Node", async () => {
		const ended = await startServerInVain({ dataDir: ":memory:", apiKey: newApiKey() }, oldNode);

		expect(ended.code).toBeGreaterThan(0);
		expect(ended.output).toMatch(/Node(\.js)? 24/);
		expect(ended.output).toMatch(/npm (start|ci|install)/);
		expect(ended.output).not.toMatch(/SyntaxError|ERR_UNKNOWN_FILE_EXTENSION/);
	});

	test("frees its folder when it ends, and has everything when it starts again", async () => {
		const dataDir = temporaryFolder();
		const { server, api } = await start(dataDir);
		const task = await api.createTask({
			queue: "kept",
			webhook_url: "http://127.0.0.1:2/",
			delay: 3_600,
			payload: { kept: true },
		});
		expect(await server.stop()).toMatchObject({ code: 0 });

		const again = await startServer({ dataDir, apiKey: api.key ?? "" });
		onTestFinished(async () => void (await again.kill()));

		const apiAgain = new ApiClient(again.url, api.key);
		expect(await apiAgain.getTask(task.id)).toStrictEqual(task);
		await apiAgain.close();
	});
});
