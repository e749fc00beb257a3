import { awsPorts } from "../adapters/aws/aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { apiHandler } from "../handlers/api.ts";

export const handler = apiHandler(awsPorts(awsConfig()));
