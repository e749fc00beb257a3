import type { Ports } from "../../lambda/ports.ts";

const forever = new Promise<never>(() => undefined);

type Method = (...parameters: readonly unknown[]) => unknown;

/** The ports of one worker, which can die: from then on nothing that it began comes back, as after a SIGKILL. */
export const mortalPorts = (ports: Ports): Readonly<{ ports: Ports; die: () => void }> => {
	let isDead = false;
	const mortal = (method: Method, port: object): Method => {
		return (...parameters) => {
			if (isDead) return forever;
			const result = method.apply(port, [...parameters]);
			if (!(result instanceof Promise)) return result;
			return result.then((value) => (isDead ? forever : value));
		};
	};
	const mortalPort = <Port extends object>(port: Port): Port =>
		new Proxy(port, {
			get: (target, name) => {
				const member: unknown = Reflect.get(target, name, target);
				return typeof member === "function" ? mortal(member as Method, target) : member;
			},
		});
	const { tasks, queues, keys, cipher, line, pumpSheets, jobs, deliveryQueue, workQueue, webhooks, timer } =
		ports;
	const stores = {
		tasks,
		queues,
		keys,
		cipher,
		line,
		pumpSheets,
		jobs,
		deliveryQueue,
		workQueue,
		webhooks,
		timer,
	};
	const dying = Object.fromEntries(Object.entries(stores).map(([name, port]) => [name, mortalPort(port)]));
	return {
		ports: { ...ports, ...dying },
		die: () => {
			isDead = true;
		},
	};
};
