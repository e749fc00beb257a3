import { afterEach, expect, it, vi } from "vitest";
import packageJson from "../../package.json" with { type: "json" };

afterEach(() => {
	vi.unstubAllGlobals();
	vi.resetModules();
});

it("is that of package.json", async () => {
	const { VERSION } = await import("../../lambda/core/version.ts");
	expect(VERSION).toBe(packageJson.version);
});

it("is the one that a bundle was made with, and webhooks see it", async () => {
	vi.stubGlobal("BUNDLED_VERSION", "12.3.4");
	const { VERSION, USER_AGENT } = await import("../../lambda/core/version.ts");
	expect([VERSION, USER_AGENT]).toEqual(["12.3.4", "AsyncQueue/12.3.4"]);
});
