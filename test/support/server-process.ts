import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ListeningProgram, type ProgramExit, startInVain, startListening } from "./listening-program.ts";

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
}>;

/** A key such as the API would make. */
export const newApiKey = (): string => `aq_live_${randomBytes(24).toString("base64url")}`;

/** The settings of a server as environment variables. */
export const serverEnvironment = ({ dataDir, apiKey, port = 0 }: ServerOptions): Record<string, string> => ({
	HOST: "127.0.0.1",
	PORT: String(port),
	ASYNCQUEUE_DATA: dataDir,
	ASYNCQUEUE_API_KEY: apiKey,
});

/** Starts an embedded server and waits until it listens. */
export const startServer = (options: ServerOptions): Promise<ListeningProgram> =>
	startListening(startArguments(), serverEnvironment(options));

/** Starts an embedded server that is expected to give up, perhaps on another `node`. */
export const startServerInVain = (options: ServerOptions, node?: string): Promise<ProgramExit> =>
	startInVain(startArguments(), serverEnvironment(options), node);
