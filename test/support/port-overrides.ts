/** `port` with some of its methods replaced; the others stay its own. */
export const overriding = <Port extends object>(port: Port, methods: Partial<Port>): Port =>
	new Proxy(port, {
		get: (target, name) => {
			const owner = name in methods ? methods : target;
			const member: unknown = Reflect.get(owner, name);
			return typeof member === "function" ? member.bind(owner) : member;
		},
	});
