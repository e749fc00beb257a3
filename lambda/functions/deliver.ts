import { callingAwsPorts } from "../adapters/aws/calling-aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { meteredFunction } from "../adapters/aws/metered-function.ts";
import { deliverHandler } from "../handlers/deliver.ts";

const config = awsConfig();

export const handler = meteredFunction(config, callingAwsPorts(config), deliverHandler);
