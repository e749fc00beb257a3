import { fileURLToPath } from "node:url";
import { startListening } from "../test/support/listening-program.ts";
import { newApiKey, startServer } from "../test/support/server-process.ts";
import { makeTemporaryFolder } from "../test/support/temporary-folder.ts";

export type SubjectName = "product" | "floor";

/** What is measured: a process of its own that takes tasks at `url`. */
export type Subject = Readonly<{
	url: string;
	pid: number;
	apiKey: string;
	readyMs: number;
	end(): Promise<void>;
}>;

const FLOOR = fileURLToPath(new URL("floor.ts", import.meta.url));

/** The server as `npm start` runs it, on a new folder on disk. */
const startProduct = async (): Promise<Subject> => {
	const folder = makeTemporaryFolder("bench");
	const apiKey = newApiKey();
	const { url, pid, readyMs, stop } = await startServer({ dataDir: folder.path, apiKey });
	const end = async () => {
		await stop();
		folder.remove();
	};
	return { url, pid, apiKey, readyMs, end };
};

const startFloor = async (): Promise<Subject> => {
	const { url, pid, readyMs, stop } = await startListening([FLOOR]);
	return { url, pid, apiKey: newApiKey(), readyMs, end: async () => void (await stop()) };
};

export const startSubject = (name: SubjectName): Promise<Subject> =>
	name === "product" ? startProduct() : startFloor();
