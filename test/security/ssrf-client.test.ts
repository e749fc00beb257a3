import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UndiciWebhookClient } from "../../lambda/adapters/http/undici-webhook-client.ts";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import { CidrList } from "../../lambda/core/cidr.ts";
import { callTo } from "../contract/webhook-client-receiver.ts";
import { type HostileInternet, IN_ALLOWED_NETWORK, openHostileInternet } from "./hostile-internet.ts";
import { PUBLIC, REBINDING_NAMES } from "./hostile-names.ts";
import { type HostileUrl, SSRF_CORPUS } from "./ssrf-corpus.ts";

const WIDEST = addressPolicy({ allowedCidrs: CidrList.parse("0.0.0.0/0,::/0") });
const ONE_NETWORK = addressPolicy({ allowedCidrs: CidrList.parse("10.1.0.0/16") });
const ANYWHERE = addressPolicy({ allowPrivate: true });

let internet: HostileInternet;
/** The client of a deployment without settings. */
let strict: UndiciWebhookClient;

/** Answers with what the path asks for: `/<status>?to=<where else to go>`. */
beforeAll(async () => {
	internet = await openHostileInternet((request, response) => {
		const { pathname, searchParams } = new URL(request.url ?? "/", "https://site.public.test");
		const to = searchParams.get("to");
		const lures = to && {
			location: to,
			refresh: `0; url=${to}`,
			"content-location": to,
			"alt-svc": `h2="${to}"`,
		};
		response.writeHead(Number(pathname.slice(1)) || 200, { "content-type": "text/html", ...lures });
		response.end(`<meta http-equiv="refresh" content="0; url=${to}"><iframe src="${to}">`);
	});
	strict = internet.client(addressPolicy());
});
afterAll(() => internet.close());
beforeEach(() => {
	internet.watch.take();
});
afterEach(() => {
	expect(internet.local.accepted()).toBe(0);
});

const post = async (client: UndiciWebhookClient, url: string) => {
	const result = await client.call(callTo(url));
	return result.kind === "response"
		? result.status
		: result.kind === "failure"
			? result.failure
			: result.kind;
};

/** The URL itself; and with the other scheme, and at a port where this machine's own servers listen. */
const variantsOf = (text: string): string[] => {
	const variants = [text];
	for (const protocol of ["https:", "http:"]) {
		const url = URL.parse(text);
		if (!url?.hostname) continue;
		url.protocol = protocol;
		variants.push(url.href);
		url.port = String(internet.local.port);
		variants.push(url.href);
	}
	return [...new Set(variants)];
};

const addresses = SSRF_CORPUS.filter(({ fault }) => fault === "must point to a public address");
const rebinding = new Set(REBINDING_NAMES.map(([host]) => host));
const isRebinding = ({ url }: HostileUrl): boolean => rebinding.has(URL.parse(url)?.hostname ?? "");

it("the corpus has at least 150 URLs, and each of them once", () => {
	expect(SSRF_CORPUS.length).toBeGreaterThanOrEqual(150);
	expect(new Set(SSRF_CORPUS.map(({ url }) => url)).size).toBe(SSRF_CORPUS.length);
});

describe("the watch sees connections,", () => {
	it("so a call to a public name is seen, at the address that it resolves to, and succeeds", async () => {
		expect(await post(strict, "https://site.public.test/200")).toBe(200);
		expect(internet.watch.take()).toEqual([{ address: PUBLIC.one, port: 443 }]);
	});

	it("and this machine's servers see them, where a deployment allows everything", async () => {
		const other = await openHostileInternet((_, response) => response.end());
		const client = other.client(ANYWHERE);
		const { addresses: hosts, port } = other.local;
		for (const host of hosts)
			await post(client, `http://${host.includes(":") ? `[${host}]` : host}:${port}/`);
		await post(client, `http://localtest.me:${port}/`);
		expect(other.breaches()).toEqual([...hosts, "127.0.0.1"].map((host) => `${host}:${port}`));
		expect(other.local.accepted()).toBe(hosts.length + 1);
		await other.close();
	});
});

describe("without settings the client connects to nothing but the public internet:", () => {
	it.each(addresses)("$name ($why)", async ({ url }) => {
		for (const variant of variantsOf(url))
			expect([variant, await post(strict, variant)]).toEqual([variant, "blocked_address"]);
		expect(internet.watch.take()).toEqual([]);
	});

	it("every other form, over http and https, at its port and at others", async () => {
		const others = SSRF_CORPUS.filter((item) => !addresses.includes(item) && !item.dns);
		await Promise.all(others.flatMap(({ url }) => variantsOf(url)).map((url) => post(strict, url)));
		expect(others.length).toBeGreaterThan(70);
		expect(internet.breaches()).toEqual([]);
	});

	it("names without an address end in dns_error, names with a private one in blocked_address", async () => {
		const named = SSRF_CORPUS.filter((item) => item.failure && !isRebinding(item));
		const ends = await Promise.all(named.map(async ({ name, url }) => [name, await post(strict, url)]));
		expect(ends).toEqual(named.map(({ name, failure }) => [name, failure]));
		expect(internet.watch.take()).toEqual([]);
	});
});

describe("a name that changes (DNS rebinding)", () => {
	it.each(REBINDING_NAMES)(
		"%s is connected to while it is public, and blocked at the next call",
		async (host) => {
			const fresh = internet.client(addressPolicy());
			expect(await post(fresh, `https://${host}/200`)).toBe(200);
			await fresh.close();
			expect(await post(strict, `https://${host}/200`)).toBe("blocked_address");
			expect(internet.watch.take()).toEqual([{ address: PUBLIC.one, port: 443 }]);
		},
	);

	it("is resolved once for a connection, so it has no time to change after it was judged", async () => {
		expect(await post(strict, "https://once.public.test/200")).toBe(200);
		expect(await post(strict, "https://once.public.test/200")).toBe(200);
		expect(internet.names.asked("once.public.test", "A")).toBe(1);
		expect(internet.names.asked("once.public.test", "AAAA")).toBe(1);
		expect(internet.breaches()).toEqual([]);
	});
});

describe("an answer that points elsewhere is not followed:", () => {
	it.each([200, 201, 300, 301, 302, 303, 305, 307, 308, 401, 503])("%i", async (status) => {
		const { port } = internet.local;
		const targets = [
			`http://127.0.0.1:${port}/`,
			`https://[::1]:${port}/`,
			"//169.254.169.254/",
			"http://localtest.me/",
		];
		for (const to of targets)
			expect(await post(strict, `https://site.public.test/${status}?to=${encodeURIComponent(to)}`)).toBe(
				status,
			);
		expect(internet.breaches()).toEqual([]);
	});
});

describe("with networks that are allowed", () => {
	it("a service there is called by name over http, at the address that it resolves to", async () => {
		expect(await post(internet.client(ONE_NETWORK), "http://service.public.test:8080/200")).toBe(200);
		expect(internet.watch.take()).toEqual([{ address: IN_ALLOWED_NETWORK, port: 8_080 }]);
	});

	it("names over http that resolve to anything else are blocked, public or not, and so are mixed ones", async () => {
		const client = internet.client(ONE_NETWORK);
		for (const host of [
			"site.public.test",
			"half-allowed.public.test",
			"localtest.me",
			"mixed.test",
			"alias.test",
		])
			expect([host, await post(client, `http://${host}/200`)]).toEqual([host, "blocked_address"]);
		expect(internet.watch.take()).toEqual([]);
	});

	it("however wide, this machine and metadata services stay closed", async () => {
		const client = internet.client(WIDEST);
		const items = SSRF_CORPUS.filter(({ isClosed, dns }) => isClosed && !dns?.silent);
		const closed = items.flatMap(({ url }) => variantsOf(url));
		const ends = await Promise.all(closed.map(async (url) => [url, await post(client, url)]));
		expect(closed.length).toBeGreaterThan(400);
		expect(ends.filter(([, end]) => end !== "blocked_address")).toEqual([]);
		expect(internet.watch.take()).toEqual([]);
	});
});

it("a denied port is not connected to, even where everything else is allowed", async () => {
	const { port } = internet.local;
	const client = internet.client(addressPolicy({ allowPrivate: true, deniedPorts: [port] }));
	for (const host of ["127.0.0.1", "[::1]", "localhost", "localtest.me", "0x7f.1"])
		expect(await post(client, `http://${host}:${port}/`)).toBe("blocked_address");
	expect(internet.watch.take()).toEqual([]);
});
