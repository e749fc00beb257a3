import { awsConfig } from "../adapters/aws/config.ts";
import { limitingAwsPorts } from "../adapters/aws/limiting-aws-ports.ts";
import { meteredFunction } from "../adapters/aws/metered-function.ts";
import { apiHandler } from "../handlers/api.ts";

const config = awsConfig();

export const handler = meteredFunction(config, limitingAwsPorts(config), apiHandler);
