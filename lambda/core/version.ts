// biome-ignore lint/style/noRestrictedImports: the manifest is data, not another layer.
import packageJson from "../../package.json" with { type: "json" };

/** Set in a bundle, which then needs nothing else of package.json. */
declare const BUNDLED_VERSION: string | undefined;

/** The version in package.json: the only place where it is written. */
export const VERSION: string = typeof BUNDLED_VERSION === "undefined" ? packageJson.version : BUNDLED_VERSION;

/** What webhooks see as `User-Agent`. */
export const USER_AGENT = `AsyncQueue/${VERSION}`;
