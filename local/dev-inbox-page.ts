import type { ApiResult } from "../lambda/middleware/api-event.ts";
import type { InboxCall, InboxView } from "./dev-inbox.ts";

const ENTITIES: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

/** What arrived is anybody's text. */
const escaped = (value: unknown): string => String(value).replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? "");

const STYLE = `
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; max-width: 75rem; color-scheme: light dark }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884 }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
input[type=number] { width: 5rem }
.bad { color: #c33; font-weight: bold }
`;

/** Shows once a second what is new, and sends the forms as the JSON that the routes take. */
const SCRIPT = `
const refresh = async () => {
	const answer = await fetch("/dev/inbox", { headers: { accept: "text/html" } });
	const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
	document.getElementById("state").replaceWith(fresh.getElementById("state"));
};
setInterval(() => refresh().catch(() => undefined), 1000);
const send = async (method, path, body) => {
	const headers = { "content-type": "application/json" };
	const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
	document.getElementById("refused").textContent = answer.ok ? "" : (await answer.json()).error;
	await refresh();
};
document.getElementById("fail").addEventListener("submit", (event) => {
	event.preventDefault();
	const { next, status, delay, drop } = event.target.elements;
	return send("POST", "/dev/inbox/fail", {
		next: Number(next.value),
		status: Number(status.value),
		delay: Number(delay.value),
		drop: drop.checked,
	});
});
document.getElementById("advance").addEventListener("submit", (event) => {
	event.preventDefault();
	return send("POST", "/dev/clock", { advance: Number(event.target.elements.seconds.value) });
});
document.getElementById("clear").addEventListener("click", () => send("DELETE", "/dev/inbox"));
`;

const FORMS = `
<form id="fail">
Fail the next <input type="number" name="next" value="1" min="0" max="1000"> attempts
with status <input type="number" name="status" value="500" min="200" max="599">
after <input type="number" name="delay" value="0" min="0" max="150" step="any"> s,
<label><input type="checkbox" name="drop"> or close the connection without an answer</label>
<button>Fail</button>
</form>
<form id="advance">
Move the server's clock <input type="number" name="seconds" value="60" min="1" max="31536000"> s ahead
<button>Advance</button>
<button type="button" id="clear">Forget what arrived</button>
</form>
<p id="refused" class="bad"></p>
`;

const marked = (text: string, isBad: boolean): string =>
	`<td${isBad ? ' class="bad"' : ""}>${escaped(text)}</td>`;

const row = ({ received_at, headers, answered, signature, body }: InboxCall): string =>
	[
		"<tr>",
		`<td>${escaped(received_at)}</td>`,
		`<td>${escaped(headers["x-asyncqueue-task-id"] ?? "")}</td>`,
		`<td>${escaped(headers["x-asyncqueue-attempt"] ?? "")}</td>`,
		marked(signature, signature !== "verified"),
		marked(answered === null ? "not at all" : String(answered), answered === null || answered > 299),
		`<td><pre>${escaped(JSON.stringify(body, null, 2))}</pre></td>`,
		"</tr>",
	].join("");

const failingText = ({ next, status, delay, drop }: InboxView["failing"]): string => {
	if (next === 0) return "Everything is answered with 200.";
	const how = drop ? "closed without an answer" : `answered with ${status}`;
	return `The next ${next} attempts are ${how}${delay > 0 ? ` after ${delay} s` : ""}.`;
};

const state = ({ failing, calls }: InboxView): string => `<div id="state">
<p>${failingText(failing)} ${calls.length === 0 ? "Nothing has arrived." : ""}</p>
<table>
<thead><tr><th>Received</th><th>Task</th><th>Attempt</th><th>Signature</th><th>Answered</th><th>Body</th></tr></thead>
<tbody>${calls.map(row).join("\n")}</tbody>
</table>
</div>`;

/** Nothing is loaded but this page's own script and data, and nobody may frame it. */
const POLICY = [
	"default-src 'none'",
	"style-src 'unsafe-inline'",
	"script-src 'unsafe-inline'",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

/** The inbox for a browser: what arrived, how it was answered, and switches to make it fail. */
export const inboxPage = (view: InboxView): ApiResult => ({
	statusCode: 200,
	headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY, vary: "accept" },
	body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>AsyncQueue inbox</title><style>${STYLE}</style></head>
<body>
<h1>Inbox</h1>
${FORMS}
${state(view)}
<script>${SCRIPT}</script>
</body>
</html>
`,
});
