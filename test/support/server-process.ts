import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { assertLogDocumented } from "./documented-log.ts";
import { type ListeningProgram, type ProgramExit, startInVain, startListening } from "./listening-program.ts";
import { assertNoSecrets, keepDataKeys, keepSecret } from "./secret-watch.ts";

/** What follows `node` in `npm start`: the server is started the way its users start it. */
export const startArguments = (): string[] => {
	const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
	return scripts.start.split(" ").slice(1);
};

export type ServerOptions = Readonly<{
	/** The folder that holds everything accepted, or `:memory:`. */
	dataDir: string;
	apiKey: string;
	/** 0 takes any free port. */
	port?: number;
	/** Further environment variables. */
	settings?: Readonly<Record<string, string>>;
}>;

/** A key such as the API would make. */
export const newApiKey = (): string => keepSecret(`aq_live_${randomBytes(24).toString("base64url")}`);

/** In tests a server says everything that it can; benchmarks leave it as users do. */
const isTest = process.env["VITEST"] !== undefined;

/** The settings of a server as environment variables. */
export const serverEnvironment = ({
	dataDir,
	apiKey,
	port = 0,
	settings,
}: ServerOptions): Record<string, string> => ({
	HOST: "127.0.0.1",
	PORT: String(port),
	ASYNCQUEUE_DATA: dataDir,
	ASYNCQUEUE_API_KEY: apiKey,
	...settings,
	...(isTest ? { ASYNCQUEUE_LOG_LEVEL: "debug" } : {}),
});

/** Whatever a server has printed is searched for secrets when it has ended. */
const watched = async (ended: Promise<ProgramExit>, { dataDir }: ServerOptions): Promise<ProgramExit> => {
	const exit = await ended;
	if (!isTest) return exit;
	keepDataKeys(dataDir);
	assertNoSecrets(exit.printed, "A server has printed");
	assertLogDocumented(exit.printed);
	return exit;
};

/** Starts an embedded server and waits until it listens. */
export const startServer = async (options: ServerOptions): Promise<ListeningProgram> => {
	const server = await startListening(startArguments(), serverEnvironment(options));
	return {
		...server,
		stop: () => watched(server.stop(), options),
		kill: () => watched(server.kill(), options),
	};
};

/** Starts an embedded server that is expected to give up, perhaps on another `node`. */
export const startServerInVain = (options: ServerOptions, node?: string): Promise<ProgramExit> =>
	watched(startInVain(startArguments(), serverEnvironment(options), node), options);
