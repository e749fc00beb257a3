import { awsPorts } from "../adapters/aws/aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { meteredFunction } from "../adapters/aws/metered-function.ts";
import { drainHandler } from "../handlers/drain.ts";

const config = awsConfig();

export const handler = meteredFunction(config, awsPorts(config), drainHandler);
