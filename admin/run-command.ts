import type { DataKeyRing } from "../lambda/data-key-ring.ts";
import { apiKeyView, issuedKeyView } from "../lambda/handlers/api-key-view.ts";
import type { Ports } from "../lambda/ports.ts";
import { createApiKey } from "../lambda/usecases/create-api-key.ts";
import { reconcileTasks } from "../lambda/usecases/reconcile-tasks.ts";
import { revokeApiKey } from "../lambda/usecases/revoke-api-key.ts";
import { retireDataKeys, rotateDataKey } from "../lambda/usecases/rotate-data-key.ts";
import type { AdminCommand } from "./command.ts";

type AdminPorts = Ports & Readonly<{ dataKeys: DataKeyRing }>;

const listDataKeys = async ({ dataKeys }: AdminPorts) => ({
	data_keys: (await dataKeys.list()).map(({ version, createdAt }) => ({
		version,
		created_at: createdAt > 0 ? new Date(createdAt).toISOString() : undefined,
	})),
});

/** Does what was asked for; returns what to print, in the API's own words where the API has them. */
export const runCommand = async (ports: AdminPorts, { name, options }: AdminCommand): Promise<unknown> => {
	switch (name) {
		case "keys create":
			return issuedKeyView(await createApiKey(ports, options.team, options));
		case "keys list":
			return { api_keys: (await ports.keys.list(options.team)).map(apiKeyView) };
		case "keys revoke":
			await revokeApiKey(ports, options.team, options.id);
			return { id: options.id, revoked: true };
		case "data-key list":
			return listDataKeys(ports);
		case "data-key rotate":
			return rotateDataKey(ports);
		case "data-key retire":
			return retireDataKeys(ports);
		case "reconcile": {
			const { pages, stalled, jobs, failed } = await reconcileTasks(ports);
			if (failed > 0)
				throw new Error(`${failed} of ${stalled + jobs} stalled tasks and jobs could not be dispatched`);
			return { pages, stalled, jobs };
		}
	}
};
