import { callingAwsPorts } from "../adapters/aws/calling-aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { deliverHandler } from "../handlers/deliver.ts";

export const handler = deliverHandler(callingAwsPorts(awsConfig()));
