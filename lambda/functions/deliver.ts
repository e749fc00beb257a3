import { awsPorts } from "../adapters/aws/aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { deliverHandler } from "../handlers/deliver.ts";

export const handler = deliverHandler(awsPorts(awsConfig()));
