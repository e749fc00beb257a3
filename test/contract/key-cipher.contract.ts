import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KeyCipher } from "../../lambda/ports.ts";
import { uniqueTeam } from "../support/unique-tasks.ts";

export type KeyCipherHarness = Readonly<{ cipher: KeyCipher; close(): Promise<void> }>;

/** What every `KeyCipher` promises. */
export const keyCipherContract = (world: string, make: () => Promise<KeyCipherHarness>): void => {
	describe(world, () => {
		let harness: KeyCipherHarness;
		let cipher: KeyCipher;

		beforeEach(async () => {
			harness = await make();
			cipher = harness.cipher;
		});
		afterEach(() => harness.close());

		describe("encrypting secrets", () => {
			it.each(["aq_live_0123456789abcdefghijklmnopqrstuv", "Größe 東京 🗝", "x".repeat(4_000), ""])(
				"opens what it closed for the same team: %s",
				async (plaintext) => {
					const teamId = uniqueTeam();
					expect(await cipher.decrypt(teamId, await cipher.encrypt(teamId, plaintext))).toBe(plaintext);
				},
			);

			it("makes plain ASCII of it that gives nothing away, not even that two secrets are the same", async () => {
				const teamId = uniqueTeam();
				const [first, second] = [
					await cipher.encrypt(teamId, "secret"),
					await cipher.encrypt(teamId, "secret"),
				];
				expect(first).toMatch(/^[\x21-\x7e]+$/);
				expect(first).not.toBe(second);
				expect(Buffer.from(first, "base64url").includes("secret")).toBe(false);
			});

			it("does not open another team's secret", async () => {
				const ciphertext = await cipher.encrypt(uniqueTeam(), "secret");
				await expect(cipher.decrypt(uniqueTeam(), ciphertext)).rejects.toThrow();
			});

			it("does not open a secret that was changed anywhere", async () => {
				const teamId = uniqueTeam();
				const ciphertext = await cipher.encrypt(teamId, "secret");
				const changed = Array.from(ciphertext, (character, index) => {
					// The last character of base64url may hold bits that mean nothing.
					const other = character === "A" ? "z" : "A";
					return ciphertext.slice(0, index) + other + ciphertext.slice(index + 1);
				}).slice(0, -1);
				for (const each of changed) await expect(cipher.decrypt(teamId, each)).rejects.toThrow();
			});

			it("does not open anything else", async () => {
				const teamId = uniqueTeam();
				const ciphertext = await cipher.encrypt(teamId, "secret");
				for (const text of ["", "secret", "v1.", ciphertext.slice(0, 20), ciphertext.slice(0, -4)])
					await expect(cipher.decrypt(teamId, text)).rejects.toThrow();
			});
		});
	});
};
