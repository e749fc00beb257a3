// biome-ignore lint/style/noRestrictedImports: the manifest is data, not another layer.
import packageJson from "../../package.json" with { type: "json" };

/** The version in package.json: the only place where it is written. */
export const VERSION: string = packageJson.version;

/** What webhooks see as `User-Agent`. */
export const USER_AGENT = `AsyncQueue/${VERSION}`;
