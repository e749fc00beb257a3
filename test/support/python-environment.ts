import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REQUIREMENTS = fileURLToPath(new URL("python-requirements.txt", import.meta.url));
/** Ignored by git; one private Python environment for each state of the requirements. */
const ENVIRONMENTS = fileURLToPath(new URL("../../.python", import.meta.url));
const environment = join(
	ENVIRONMENTS,
	hash("sha256", readFileSync(REQUIREMENTS, "utf8"), "hex").slice(0, 12),
);

const PYTHONS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const IS_RECENT = "import sys; sys.exit(sys.version_info < (3, 10))";

/** Python with everything of python-requirements.txt, if `hasPython`. */
export const PYTHON: string = join(environment, "bin/python");

/** Whether `PYTHON` is there. */
export const hasPython = (): boolean => existsSync(environment);

const run = (command: string, args: readonly string[]): string | undefined => {
	const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
	return status === 0 ? undefined : `${command} ${args.join(" ")}: ${error?.message ?? stdout + stderr}`;
};

/**
 * Makes the environment, aside and then in its place by one rename: whoever comes at the same time finds it complete or
 * makes another. Returns what went wrong.
 */
const install = (python: string): string | undefined => {
	const aside = `${environment}.${process.pid}`;
	mkdirSync(ENVIRONMENTS, { recursive: true });
	const pip = [
		"-m",
		"pip",
		"install",
		"--quiet",
		"--disable-pip-version-check",
		"--requirement",
		REQUIREMENTS,
	];
	const fault = run(python, ["-m", "venv", aside]) ?? run(join(aside, "bin/python"), pip);
	try {
		if (fault === undefined) renameSync(aside, environment);
	} catch (error) {
		if (!hasPython()) throw error;
	} finally {
		rmSync(aside, { recursive: true, force: true });
	}
	return fault;
};

/** Makes `PYTHON`, unless it is there; returns what keeps it from being had here. */
export const ensurePython = (): string | undefined => {
	if (hasPython()) return undefined;
	const python = PYTHONS.find((name) => run(name, ["-c", IS_RECENT]) === undefined);
	if (python === undefined) return "There is no Python 3.10 or later on the PATH.";
	return install(python);
};
