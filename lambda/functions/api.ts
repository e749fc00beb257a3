import { awsConfig } from "../adapters/aws/config.ts";
import { limitingAwsPorts } from "../adapters/aws/limiting-aws-ports.ts";
import { apiHandler } from "../handlers/api.ts";

export const handler = apiHandler(limitingAwsPorts(awsConfig()));
