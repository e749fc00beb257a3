import { awsPorts } from "../adapters/aws/aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { meteredFunction } from "../adapters/aws/metered-function.ts";
import { reconcileHandler } from "../handlers/reconcile.ts";

const config = awsConfig();

export const handler = meteredFunction(config, awsPorts(config), reconcileHandler);
