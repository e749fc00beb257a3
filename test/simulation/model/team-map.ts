/** Values that are only ever addressed together with their team. Everything comes out in the order it went in. */
export class TeamMap<Value> {
	readonly #teams = new Map<string, Map<string, Value>>();

	get(teamId: string, id: string): Value | undefined {
		return this.#teams.get(teamId)?.get(id);
	}

	set(teamId: string, id: string, value: Value): void {
		const values = this.#teams.get(teamId);
		if (values) values.set(id, value);
		else this.#teams.set(teamId, new Map([[id, value]]));
	}

	delete(teamId: string, id: string): void {
		this.#teams.get(teamId)?.delete(id);
	}

	ofTeam(teamId: string): Value[] {
		return [...(this.#teams.get(teamId)?.values() ?? [])];
	}

	all(): Value[] {
		return [...this.#teams.values()].flatMap((values) => [...values.values()]);
	}
}
