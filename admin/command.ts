import { parseArgs } from "node:util";
import * as z from "zod";
import { ApiKeyMode } from "../lambda/core/api-key.ts";

export const USAGE = `Looks after a deployment of AsyncQueue, with your own AWS credentials.

Usage: npm run admin -- <command> [options]

Commands
  keys create --team <team> --name <name> [--mode live|test]
                      makes an API key; the only time that it is shown
  keys list --team <team>
                      shows a team's keys, without their secrets
  keys revoke --team <team> --id <key id>
                      ends a key's access
  data-key list       shows the data keys that API keys are encrypted under
  data-key rotate     makes a new one and encrypts all API keys under it
  data-key retire     removes the ones before, when nothing needs them any more (up to 2 minutes)
  reconcile           sends a new message for every task and bulk job that lost its own

Options
  --stack <name>      the deployment (default: AsyncQueue-dev)
  --outputs <file>    its outputs, as \`cdk deploy --outputs-file\` wrote them (default: cdk-outputs.json)
  --help              shows this

Results are JSON on standard output: npm run --silent admin -- keys create … | jq -r .key
`;

/** A team's name: it becomes part of keys in the table and of message group ids. */
const Team = z
	.string({ error: "is required" })
	.regex(
		/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
		"must be 1-64 letters, digits, dots, underscores or hyphens and start with a letter or digit",
	);

const commands = {
	"keys create": z.strictObject({
		team: Team,
		name: z.string({ error: "is required" }).trim().min(1, "is required").max(100),
		mode: ApiKeyMode.default("live"),
	}),
	"keys list": z.strictObject({ team: Team }),
	"keys revoke": z.strictObject({ team: Team, id: z.string({ error: "is required" }).min(1, "is required") }),
	"data-key list": z.strictObject({}),
	"data-key rotate": z.strictObject({}),
	"data-key retire": z.strictObject({}),
	reconcile: z.strictObject({}),
};

type CommandName = keyof typeof commands;

/** What to do, and to which deployment. */
export type AdminCommand = {
	[Name in CommandName]: Readonly<{ name: Name; options: z.infer<(typeof commands)[Name]> }>;
}[CommandName];

export type Invocation = Readonly<{ command: AdminCommand; stack: string; outputsFile: string }>;

/** A mistake in how the program was called: shown together with where to find help. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

const flag = { type: "string" } as const;

const parse = (args: readonly string[]) => {
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				team: flag,
				name: flag,
				mode: flag,
				id: flag,
				stack: { ...flag, default: "AsyncQueue-dev" },
				outputs: { ...flag, default: "cdk-outputs.json" },
				help: { type: "boolean", default: false },
			},
		});
	} catch (error) {
		throw new UsageError((error as Error).message, { cause: error });
	}
};

const faultsOf = ({ issues }: z.ZodError): string =>
	issues
		.map((issue) =>
			issue.code === "unrecognized_keys"
				? `--${issue.keys.join(", --")} does not belong to this command`
				: `--${issue.path.join(".")} ${issue.message}`,
		)
		.join("; ");

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);

/** Reads the command line. Undefined when help was asked for; throws `UsageError`. */
export const readInvocation = (args: readonly string[]): Invocation | undefined => {
	const { values, positionals } = parse(args);
	const { help, stack, outputs: outputsFile, ...given } = values;
	if (help) return undefined;
	const name = positionals.join(" ");
	if (!isCommand(name)) throw new UsageError(name ? `There is no command "${name}"` : "Which command?");
	const options = commands[name].safeParse(given);
	if (!options.success) throw new UsageError(`${name}: ${faultsOf(options.error)}`);
	return { command: { name, options: options.data } as AdminCommand, stack, outputsFile };
};
