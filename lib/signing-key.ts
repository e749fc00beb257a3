import { Duration } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { StackConfig } from "./stack-config.ts";

/** The KMS key that protects the API keys at rest; requests name the purpose, and no other is allowed. */
export class SigningKey extends Construct {
	readonly key: Key;

	constructor(scope: Construct, id: string, { removalPolicy }: StackConfig) {
		super(scope, id);
		this.key = new Key(this, "Key", {
			description: "AsyncQueue: protects the API keys that sign webhooks",
			enableKeyRotation: true,
			pendingWindow: Duration.days(7),
			removalPolicy,
		});
	}

	grant(grantee: IGrantable, ...actions: ("Decrypt" | "GenerateDataKey")[]): void {
		Grant.addToPrincipal({
			grantee,
			actions: actions.map((action) => `kms:${action}`),
			resourceArns: [this.key.keyArn],
			conditions: { StringEquals: { "kms:EncryptionContext:asyncqueue:purpose": "api-keys" } },
		});
	}
}
