import { awsPorts } from "../adapters/aws/aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { drainHandler } from "../handlers/drain.ts";

export const handler = drainHandler(awsPorts(awsConfig()));
