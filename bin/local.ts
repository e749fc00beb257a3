import { type EmbeddedConfig, readEmbeddedConfig } from "../lambda/adapters/embedded/config.ts";
import type { AddressPolicy } from "../lambda/core/address-policy.ts";
import { secretPrefix } from "../lambda/core/api-key.ts";
import { VERSION } from "../lambda/core/version.ts";
import { UnsignableError } from "../lambda/usecases/signing-secrets.ts";
import { type LocalServer, startLocalServer } from "../local/local-server.ts";

/** Where webhooks may be, in words. */
const webhooksOf = ({ allowPrivate, allowedCidrs }: AddressPolicy): string => {
	if (allowPrivate)
		return "http and private addresses ALLOWED (for development; ASYNCQUEUE_ALLOW_PRIVATE=false forbids them)";
	const networks = allowedCidrs.map((cidr) => cidr.join("/")).join(", ");
	return `https and public addresses only${networks && `; http and https in ${networks}`}`;
};

/** What a development server can do beside that. */
const devHints = (url: string): string => `
See what arrived:       ${url}/dev/inbox (in a browser, or with curl)
Fail the next 2 calls:  curl -X POST ${url}/dev/inbox/fail -H 'Content-Type: application/json' -d '{"next":2}'
Let a day pass:         curl -X POST ${url}/dev/clock -H 'Content-Type: application/json' -d '{"advance":86400}'
`;

/**
 * A key that was generated here is printed: there is no other way to learn it. One that was chosen is known to whoever
 * has to know, and what is printed at each start ends in somebody's log.
 */
const banner = ({ url, apiKey, dev }: LocalServer, config: EmbeddedConfig): string => `
AsyncQueue ${VERSION} listening on ${url}
  API key   ${config.apiKey === undefined ? apiKey : `${secretPrefix(apiKey)}… (ASYNCQUEUE_API_KEY)`}
  data      ${config.data}
  webhooks  ${webhooksOf(config.addressPolicy)}

Create a task:

  curl -X POST ${url}/v1/tasks \\
    -H ${config.apiKey === undefined ? `'Authorization: Bearer ${apiKey}'` : '"Authorization: Bearer $ASYNCQUEUE_API_KEY"'} -H 'Content-Type: application/json' \\
    -d '{"queue":"demo","webhook_url":"${dev ? `${url}/dev/inbox` : "https://your.webhook"}","payload":{"hello":"world"}}'
${dev ? devHints(url) : ""}`;

/** A port for root only, an address that this machine does not have, a name that is none or cannot be looked up. */
const CANNOT_LISTEN = new Set(["EACCES", "EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"]);

/** What to do about the errors that people meet when they start a server. */
const explain = (error: unknown, { host, port, data }: EmbeddedConfig): string => {
	if (error instanceof UnsignableError)
		return `The encryption key in ${data} is not the one that its API keys were encrypted under. Restore the encryption.key that was kept with this asyncqueue.db, or choose another folder (ASYNCQUEUE_DATA).`;
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === "EADDRINUSE")
		return `Port ${port} on ${host} is taken. Stop what uses it, or choose another: PORT=3001 npm start`;
	if (code !== undefined && CANNOT_LISTEN.has(code))
		return `Cannot listen on ${host}:${port} (${code}). Choose another HOST or PORT.`;
	return message;
};

/** The first signal lets calls in flight finish; a second one does not wait. */
const stopOnSignal = (server: LocalServer): void => {
	let stopping = false;
	const stop = async (signal: NodeJS.Signals): Promise<void> => {
		if (stopping) process.exit(1);
		stopping = true;
		console.log(`${signal}: finishing calls in flight (again to stop at once)`);
		await server.stop();
		console.log("Stopped; nothing was lost.");
		process.exit(0);
	};
	process.on("SIGTERM", stop).on("SIGINT", stop);
};

/** `kill -USR2` rotates the data key. One rotation at a time: a signal that comes meanwhile waits for its turn. */
const rotateOnSignal = (server: LocalServer): void => {
	let rotations = Promise.resolve();
	const rotate = async (): Promise<void> => {
		try {
			const { version, resealed } = await server.rotateDataKey();
			console.log(`Data key v${version} protects all API keys now (${resealed} encrypted anew).`);
		} catch (error) {
			console.error(`The data key was not rotated: ${(error as Error).message}`);
		}
	};
	process.on("SIGUSR2", () => {
		rotations = rotations.then(rotate);
	});
};

const main = async (): Promise<void> => {
	if (process.argv.length > 2)
		throw new Error(
			"npm start takes no arguments: its settings are environment variables, such as PORT and ASYNCQUEUE_DATA.\nREADME.md lists them under Settings of the local server.",
		);
	const config = readEmbeddedConfig(process.env);
	try {
		const server = await startLocalServer(config);
		stopOnSignal(server);
		rotateOnSignal(server);
		console.log(banner(server, config));
	} catch (error) {
		throw new Error(explain(error, config), { cause: error });
	}
};

main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
