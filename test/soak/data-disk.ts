import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeTemporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);

const MIB = 1_048_576;
const BALLAST = "ballast";

/** Waits for its standard input to end, which it does at the latest when the soak is gone; the mount goes with it. */
const HOLD = 'mount -t tmpfs -o "size=$1,mode=700" soak "$2" && echo ready && exec cat';

/** A command line. */
type Command = readonly [program: string, ...args: string[]];

/**
 * The disk under a data folder. With `namespace` it is a tmpfs of limited size in a user and mount namespace of its
 * own, which a plain user may make; without, a folder that cannot be filled nor become read-only.
 */
export class DataDisk {
	/** The data folder, as programs see it that run on the disk. */
	readonly path: string;
	/** Why faults of the disk cannot be tested here; undefined when they can. */
	readonly limitation: string | undefined;
	readonly #folder: TemporaryFolder;
	readonly #holder: ChildProcess | undefined;
	#ballast: number | undefined;

	/** Mounts a disk of `sizeMiB` MiB. */
	static async mount(sizeMiB: number): Promise<DataDisk> {
		const folder = makeTemporaryFolder("soak");
		const args = ["--user", "--map-root-user", "--mount", "sh", "-c", HOLD, "sh", `${sizeMiB}m`, folder.path];
		const holder = spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"] });
		const failed = new Promise<string>((resolve) => {
			holder.once("error", (error) => resolve(error.message));
			holder.stderr.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
			holder.once("exit", (code) => resolve(`unshare ended with ${code}`));
		});
		const reason = await Promise.race([once(holder.stdout, "data").then(() => undefined), failed]);
		return new DataDisk(folder, reason === undefined ? holder : undefined, reason);
	}

	private constructor(folder: TemporaryFolder, holder: ChildProcess | undefined, limitation?: string) {
		this.#folder = folder;
		this.#holder = holder;
		this.limitation = limitation;
		this.path = folder.path;
	}

	/** How to run `command` so that it sees the disk. */
	command(command: Command): Command {
		if (!this.#holder) return command;
		const namespaces = [`--target=${this.#holder.pid}`, "--user", "--mount", "--preserve-credentials"];
		namespaces.push(`--wd=${process.cwd()}`);
		return ["nsenter", ...namespaces, ...command];
	}

	/** Takes all the space that is left. */
	async fill(): Promise<void> {
		const ballast = this.#outside(BALLAST);
		const { bavail, bsize } = await statfs(this.#outside());
		await run("fallocate", ["--length", String(bavail * bsize), ballast]).catch(() => undefined);
		this.#ballast = openSync(ballast, "a");
		this.refill();
	}

	/** Takes what has become free since it was filled. */
	refill(): void {
		for (let size = MIB; size >= 4_096; ) {
			try {
				writeSync(this.#ballast ?? Number.NaN, Buffer.alloc(size));
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
				size /= 16;
			}
		}
	}

	/** Gives the space back. */
	free(): void {
		if (this.#ballast === undefined) return;
		closeSync(this.#ballast);
		this.#ballast = undefined;
		rmSync(this.#outside(BALLAST));
	}

	/** Linux refuses this while a file is open for writing. */
	remount(mode: "ro" | "rw"): void {
		const [program, ...args] = this.command(["mount", "-o", `remount,bind,${mode}`, this.path]);
		execFileSync(program, args, { stdio: "pipe" });
	}

	async close(): Promise<void> {
		if (this.#ballast !== undefined) closeSync(this.#ballast);
		if (this.#holder && this.#holder.exitCode === null) {
			this.#holder.stdin?.end();
			await once(this.#holder, "exit");
		}
		this.#folder.remove();
	}

	#outside(name = ""): string {
		return join(`/proc/${this.#holder?.pid}/root`, this.path, name);
	}
}
