import { readFileSync } from "node:fs";
import * as z from "zod";

/** The stack's output that holds its functions' environment as JSON. */
const OUTPUT = "Environment";

const Outputs = z.record(z.string(), z.record(z.string(), z.unknown()));
const Environment = z.record(z.string(), z.string());

/** A deployed stack as its functions see it. */
export type Deployment = Readonly<{
	environment: Readonly<Record<string, string>>;
	region: string;
}>;

const readOutputs = (file: string): z.infer<typeof Outputs> => {
	try {
		return Outputs.parse(JSON.parse(readFileSync(file, "utf8")));
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		const reason =
			code === "ENOENT" ? `There is no file ${file}` : `${file} does not hold outputs of the CDK`;
		throw new Error(`${reason}; write it with: npx cdk deploy --outputs-file ${file}`, { cause });
	}
};

/** Every ARN of the stack names the Region that it lives in. */
const regionOf = ({ SCHEDULER_DLQ_ARN = "" }: Record<string, string>): string => {
	const region = SCHEDULER_DLQ_ARN.split(":")[3];
	if (!region)
		throw new Error(`The stack's output ${OUTPUT} has no SCHEDULER_DLQ_ARN; please deploy it again`);
	return region;
};

/** Finds a deployment in a file that `cdk deploy --outputs-file` wrote. Throws an Error that says what to do. */
export const readDeployment = (outputsFile: string, stack: string): Deployment => {
	const outputs = readOutputs(outputsFile);
	const known = outputs[stack];
	if (!known)
		throw new Error(`${outputsFile} knows ${Object.keys(outputs).join(", ")}, not ${stack}: use --stack`);
	const output = known[OUTPUT];
	if (typeof output !== "string")
		throw new Error(`${stack} has no output ${OUTPUT} in ${outputsFile}; please deploy it again`);
	const environment = Environment.parse(JSON.parse(output));
	return { environment, region: regionOf(environment) };
};
