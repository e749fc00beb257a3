import { generateKeyPairSync, sign } from "node:crypto";

const der = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
	const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
	const { length } = content;
	const header = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...header]), content]);
};

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const SUBJECT_ALT_NAME = oid("551d11");

const name = (text: string): Buffer => sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, text))));

const utcTime = (at: Date): Buffer => der(0x17, `${at.toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`);

const HOUR_MS = 3_600_000;

/** A self-signed certificate for `host`, valid for an hour before `expiresAt`: node:crypto can sign one, not make one. */
export const selfSignedCertificate = (host: string, expiresAt = Date.now() + HOUR_MS) => {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const certified = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))),
		der(0x02, Buffer.from([1])),
		ECDSA_WITH_SHA256,
		name(host),
		sequence(utcTime(new Date(expiresAt - 2 * HOUR_MS)), utcTime(new Date(expiresAt))),
		name(host),
		publicKey.export({ type: "spki", format: "der" }),
		der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, der(0x04, sequence(der(0x82, host)))))),
	);
	const signature = der(0x03, Buffer.from([0]), sign("sha256", certified, privateKey));
	const base64 = sequence(certified, ECDSA_WITH_SHA256, signature).toString("base64");
	return {
		cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
		key: privateKey.export({ type: "pkcs8", format: "pem" }),
	};
};
