import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { makeTemporaryFolder } from "../test/support/temporary-folder.ts";
import { percentile } from "./statistics.ts";

const WRITES = 200;
const BYTES = 8_192;

export type Machine = Readonly<{
	cores: number;
	processor: string;
	node: string;
	platform: string;
	/** Median of writing and syncing 8 KiB where the bench keeps its data, ms. */
	fsyncMs: number;
}>;

const measureFsync = (): number => {
	const folder = makeTemporaryFolder("fsync");
	const file = openSync(join(folder.path, "probe"), "w");
	const block = Buffer.alloc(BYTES, "x");
	const times = Array.from({ length: WRITES }, () => {
		const startedAt = performance.now();
		writeSync(file, block);
		fdatasyncSync(file);
		return performance.now() - startedAt;
	});
	closeSync(file);
	folder.remove();
	return percentile(times, 50);
};

export const describeMachine = (): Machine => ({
	cores: availableParallelism(),
	processor: cpus()[0]?.model ?? "unknown processor",
	node: process.version,
	platform: `${process.platform} ${process.arch}`,
	fsyncMs: measureFsync(),
});
