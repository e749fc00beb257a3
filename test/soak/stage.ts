import { Agent } from "undici";
import { ApiClient } from "../support/api-client.ts";
import { freePort } from "../support/free-port.ts";
import { newApiKey } from "../support/server-process.ts";
import { CountingReceiver } from "./counting-receiver.ts";
import { DataDisk } from "./data-disk.ts";
import { Ledger } from "./ledger.ts";
import { Load } from "./load.ts";
import { SeededRandom } from "./seeded-random.ts";
import { ServerClock } from "./server-clock.ts";
import { Servers } from "./servers.ts";
import { TaskCreator } from "./task-creator.ts";
import { LIMITED, LIMITED_SETTINGS, PAUSED } from "./task-plan.ts";

const CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 20_000;

/** What a soak needs: a disk, servers on it, a webhook, and whoever creates tasks and keeps the books. */
export type Stage = Readonly<{
	disk: DataDisk;
	servers: Servers;
	clock: ServerClock;
	ledger: Ledger;
	receiver: CountingReceiver;
	api: ApiClient;
	creator: TaskCreator;
	/** Asks over connections of its own, which no create holds up. */
	reader: TaskCreator;
	load: Load;
	random: SeededRandom;
	close(): Promise<void>;
}>;

/** Opens a stage with the first server running. */
export const openStage = async (seed: number, diskMiB: number): Promise<Stage> => {
	const disk = await DataDisk.mount(diskMiB);
	const ledger = new Ledger();
	const clock = new ServerClock();
	const random = new SeededRandom(seed);
	const receiver = await CountingReceiver.open(ledger);
	const server = { dataDir: disk.path, apiKey: newApiKey(), port: await freePort() };
	const timeouts = { headersTimeout: REQUEST_TIMEOUT_MS, bodyTimeout: REQUEST_TIMEOUT_MS };
	const agent = new Agent({ connections: CONNECTIONS, ...timeouts });
	const api = new ApiClient(`http://127.0.0.1:${server.port}`, server.apiKey, agent);
	const servers = new Servers({ disk, server, clock, ledger });
	const creator = new TaskCreator(api, ledger, receiver.url, `soak-${seed}`);
	const readingApi = new ApiClient(api.baseUrl, server.apiKey);
	const reader = new TaskCreator(readingApi, ledger, receiver.url, "");
	const load = new Load(creator, ledger, seed);
	const close = async (): Promise<void> => {
		await servers.end();
		await Promise.all([api.close(), readingApi.close()]);
		receiver.close();
		await disk.close();
	};
	try {
		await servers.start();
		await api.expectCall(200, "PUT", `/v1/queues/${LIMITED}`, { json: LIMITED_SETTINGS });
		await api.expectCall(200, "PUT", `/v1/queues/${PAUSED}`, { json: {} });
	} catch (error) {
		await close();
		throw error;
	}
	return { disk, servers, clock, ledger, receiver, api, creator, reader, load, random, close };
};
