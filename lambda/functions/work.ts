import { callingAwsPorts } from "../adapters/aws/calling-aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { workHandler } from "../handlers/work.ts";

export const handler = workHandler(callingAwsPorts(awsConfig()));
