import * as z from "zod";

/**
 * Ports that browsers never send HTTP to, because what listens there (mail, DNS, remote shells, file systems …) may
 * take a request for commands of its own: the Fetch standard's list, https://fetch.spec.whatwg.org/#port-blocking.
 */
export const BAD_PORTS: readonly number[] = [
	0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
	109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
	526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
	3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

const MAX_PORT = 65_535;

/** The ports that one item of a list stands for, or undefined for none. */
const portsOf = (item: string): readonly number[] | undefined => {
	if (item === "default") return BAD_PORTS;
	const [, low, high = low] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item) ?? [];
	const [first, last] = [Number(low), Number(high)];
	if (!(first <= last && last <= MAX_PORT)) return undefined;
	return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};

/**
 * Ports and ranges such as `8000-8010`, separated by commas; `default` stands for `BAD_PORTS`, and `none`, alone, for
 * an empty list. Every item that is not usable is a fault of its own.
 */
export const PortList = z.string().transform((text, context): readonly number[] => {
	if (text.trim() === "none") return [];
	return text.split(",").flatMap((part) => {
		const ports = portsOf(part.trim());
		if (ports === undefined)
			context.addIssue(
				`"${part.trim()}" is not a port from 0 to ${MAX_PORT}, a range such as 8000-8010, or the word default`,
			);
		return ports ?? [];
	});
});
