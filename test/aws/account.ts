import { hasMiniStack, startMiniStack } from "../support/ministack.ts";

export type FrontDoor = "http-api" | "function-url";

/** An AWS account that is none: an emulator, to deploy to and to destroy in. */
export type EmulatedAccount = Readonly<{
	name: string;
	endpoint: string;
	/** What it can serve. */
	frontDoors: readonly FrontDoor[];
	/** What makes the AWS SDK and the CDK use it, and nothing else. */
	environment: Readonly<Record<string, string | undefined>>;
	/** The address of a deployed API as this machine reaches it. */
	reachable(apiUrl: string): string;
	/** What it printed last, if that is known. */
	output(): string;
	close(): Promise<void>;
}>;

export const ACCOUNT_ID = "000000000000";
export const REGION = "us-east-1";

/** Nothing of the operator's own AWS set-up may leak in. */
const emulated = (endpoint: string): EmulatedAccount["environment"] => ({
	AWS_ENDPOINT_URL: endpoint,
	AWS_ENDPOINT_URL_S3: process.env["AWS_ENDPOINT_URL_S3"] ?? endpoint,
	AWS_REGION: REGION,
	AWS_ACCESS_KEY_ID: "test",
	AWS_SECRET_ACCESS_KEY: "test",
	AWS_PROFILE: undefined,
	AWS_DEFAULT_PROFILE: undefined,
	AWS_SESSION_TOKEN: undefined,
});

/** Names that only AWS can resolve, or only some resolvers: there is a path for each. */
const UNRESOLVED = /^([\w-]+)\.(execute-api|lambda-url)\..*(?:\.on\.aws|localhost)$/;

const reachableFrom =
	(endpoint: string): EmulatedAccount["reachable"] =>
	(apiUrl) => {
		const [, id, kind] = UNRESOLVED.exec(new URL(apiUrl).hostname) ?? [];
		if (!id) return apiUrl;
		return `${endpoint}/_aws/${kind}/${id}${kind === "execute-api" ? "/$default" : ""}`;
	};

/** An emulator that runs already, such as LocalStack: its free plan has no HTTP API. */
const runningAccount = (endpoint: string): EmulatedAccount => ({
	name: `the emulator at ${endpoint}`,
	endpoint,
	frontDoors: ["function-url"],
	environment: emulated(endpoint),
	reachable: reachableFrom(endpoint),
	output: () => "",
	close: async () => {},
});

const miniStackAccount = async (): Promise<EmulatedAccount | undefined> => {
	if (!hasMiniStack()) return undefined;
	const { endpoint, output, stop } = await startMiniStack();
	return {
		name: `MiniStack at ${endpoint}`,
		endpoint,
		frontDoors: ["http-api", "function-url"],
		environment: emulated(endpoint),
		reachable: reachableFrom(endpoint),
		output,
		close: stop,
	};
};

/** The emulator named by `AWS_ENDPOINT_URL`, or else a MiniStack of our own; undefined where that cannot run. */
export const openAccount = (): Promise<EmulatedAccount | undefined> => {
	const endpoint = process.env["AWS_ENDPOINT_URL"];
	return endpoint ? Promise.resolve(runningAccount(endpoint)) : miniStackAccount();
};
