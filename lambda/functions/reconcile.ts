import { awsPorts } from "../adapters/aws/aws-ports.ts";
import { awsConfig } from "../adapters/aws/config.ts";
import { reconcileHandler } from "../handlers/reconcile.ts";

export const handler = reconcileHandler(awsPorts(awsConfig()));
