import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiHandler } from "../../lambda/handlers/api.ts";
import { docsPage } from "../../lambda/openapi/docs-page.ts";
import { openApiDocument } from "../../lambda/openapi/document.ts";
import { routes } from "../../lambda/routes.ts";
import { apiEvent } from "../support/api-events.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
beforeAll(async () => {
	world = await createTestWorld();
});
afterAll(() => world.close());

const pageFor = async (headers: Readonly<Record<string, string>>): Promise<string> =>
	String((await apiHandler(world.ports)(apiEvent("GET", "/docs", { headers }), {})).body);

describe("the page about the API", () => {
	it("shows every operation, and its links lead somewhere", async () => {
		const page = await pageFor({});
		for (const { path } of routes) expect(page).toContain(`<code>${path}</code>`);
		const targets = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
		const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
		expect(links.length).toBeGreaterThan(routes.length);
		expect(links.filter((id) => !targets.has(id))).toEqual([]);
	});

	it("needs nothing from elsewhere and may not run anything", async () => {
		const { headers = {}, body } = await apiHandler(world.ports)(apiEvent("GET", "/docs"), {});
		expect(headers["content-security-policy"]).toMatch(/^default-src 'none'/);
		expect(body).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
	});

	it("has examples that go where the page came from", async () => {
		expect(await pageFor({ "x-forwarded-proto": "https" })).toContain("URL=https://api.example.com");
		expect(await pageFor({})).toContain("URL=http://api.example.com");
	});

	it("shows texts as texts, whatever is in them", () => {
		const page = docsPage(openApiDocument(), `http://<script>alert("1")</script>`);
		expect(page).toContain("http://&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
	});

	it("shows a request as a shell takes it", async () => {
		const page = await pageFor({});
		expect(page).toContain(`curl -X POST &quot;$URL/v1/queues/emails/pause&quot; \\
  -H &quot;Authorization: Bearer $KEY&quot;</pre>`);
		expect(page).toContain(`-d &#39;{
  &quot;rate_limit&quot;: null
}&#39;</pre>`);
	});
});
