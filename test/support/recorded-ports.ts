import type { Ports } from "../../lambda/ports.ts";

/** What a port was asked to do, as `keys.findByHash`. */
type PortCalls = string[];

const recorded = <Port extends object>(name: string, port: Port, calls: PortCalls): Port =>
	new Proxy(port, {
		get: (target, method) => {
			const member: unknown = Reflect.get(target, method);
			if (typeof member !== "function") return member;
			return (...parameters: unknown[]) => {
				calls.push(`${name}.${String(method)}`);
				return member.apply(target, parameters);
			};
		},
	});

/** These ports, and what they are asked to do from now on: everything but telling the time and writing the log. */
export const recordedPorts = (ports: Ports): { ports: Ports; calls: PortCalls } => {
	const calls: PortCalls = [];
	const wrapped = Object.entries(ports).map(([name, port]) => [
		name,
		typeof port === "object" && name !== "clock" && name !== "log" ? recorded(name, port, calls) : port,
	]);
	return { ports: Object.fromEntries(wrapped) as Ports, calls };
};
