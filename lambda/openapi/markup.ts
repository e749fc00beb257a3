/** A piece of HTML: what is in it is escaped already. */
export type Markup = Readonly<{ html: string }>;

type Piece = Markup | string | number | readonly Markup[];

const ESCAPES: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");

const htmlOf = (piece: Piece): string => {
	if (typeof piece === "string" || typeof piece === "number") return escaped(String(piece));
	return "html" in piece ? piece.html : piece.map(({ html }) => html).join("");
};

/** A template of HTML that escapes every text put in it. */
export const markup = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup => ({
	html: parts.reduce((html, part, index) => html + htmlOf(pieces[index - 1] ?? "") + part),
});

/** Text with `code` in backquotes. */
export const inline = (text: string): Markup[] =>
	text
		.split(/`([^`]+)`/)
		.map((piece, index) => (index % 2 === 1 ? markup`<code>${piece}</code>` : markup`${piece}`));

/** The same with paragraphs, which empty lines separate. */
export const prose = (text: string): Markup[] =>
	text.split("\n\n").map((paragraph) => markup`<p>${inline(paragraph)}</p>`);
