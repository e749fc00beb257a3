import type { Fault, PortCall } from "./fault.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** One line of a trace: when (epoch ms), who, what, and every id and name that it is about. */
type Line = Readonly<{ at: number; who: string; what: string; about: string }>;

const ELLIPSIS_AFTER = 160;

const shorten = (text: string): string =>
	text.length > ELLIPSIS_AFTER ? `${text.slice(0, ELLIPSIS_AFTER)}…` : text;

const clockOf = (startAt: number, at: number): string =>
	`${((at - startAt) / 1_000).toFixed(3).padStart(11)} s`;

/** What has happened in a run, written down only where somebody will read it. */
export class Trace {
	readonly #time: VirtualTime;
	readonly #isOn: boolean;
	readonly #startAt: number;
	readonly #lines: Line[] = [];

	constructor(time: VirtualTime, isOn: boolean) {
		this.#time = time;
		this.#isOn = isOn;
		this.#startAt = time.now();
	}

	/** `details` is made only when the trace is on. */
	note(who: string, what: string, details: () => unknown = () => undefined): void {
		if (!this.#isOn) return;
		const about = JSON.stringify(details()) ?? "";
		this.#lines.push({ at: this.#time.now(), who, what: `${what} ${shorten(about)}`, about });
	}

	call({ ordinal, process, port, method }: PortCall, fault: Fault | undefined, parameters: unknown): void {
		if (!this.#isOn) return;
		const mark = fault ? `  <-- #${ordinal} ${fault}` : "";
		const about = JSON.stringify(parameters) ?? "";
		const what = `${port}.${method} ${shorten(about)}${mark}`;
		this.#lines.push({ at: this.#time.now(), who: process, what, about });
	}

	/** The lines that are about any of these ids, names or processes; all when there are none. */
	story(ids: readonly string[]): string {
		const isAbout = ({ about, who, what }: Line): boolean =>
			ids.length === 0 ||
			ids.some((id) => about.includes(id) || what.includes(id)) ||
			(who === "world" && !what.startsWith("receive"));
		return this.#lines
			.filter(isAbout)
			.map(({ at, who, what }) => `${clockOf(this.#startAt, at)}  ${who.padEnd(12)} ${what}`)
			.join("\n");
	}
}
