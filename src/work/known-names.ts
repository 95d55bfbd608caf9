/** Names for suggestions: gateways and models, from the config and the cache. It contacts no gateway and reads no key. */

import type { Deps } from '../base/deps.ts';
import { readCached } from '../client/cached-models.ts';
import { isOfType } from '../client/listing.ts';
import { loadConfig } from '../config/file.ts';
import { findPlaces } from '../config/places.ts';
import { loadSettings } from '../config/settings.ts';
import { builtInGateways } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';
import { playGateway } from '../money/play.ts';
import type { ModelKind } from '../schemas/models.ts';
import { sessionFiles } from './ask/conversations.ts';

/** What the command line already says. */
export interface Where {
  command: string;
  gateway?: string;
  baseUrl?: string;
  deps: Deps;
}

export async function gatewayNames(
  deps: Where['deps'],
  gateways: ReadonlyMap<string, Gateway> = builtInGateways,
): Promise<string[]> {
  const config = await loadConfig(deps, findPlaces(deps)).catch(() => null);
  return [...gateways.keys(), ...Object.keys(config?.gateways ?? {})];
}

/** MCP servers of the config. */
export async function mcpServerNames(deps: Where['deps']): Promise<string[]> {
  const config = await loadConfig(deps, findPlaces(deps)).catch(() => null);
  return Object.keys(config?.mcp?.servers ?? {});
}

const kindOf: Readonly<Record<string, ModelKind>> = {
  chat: 'chat',
  search: 'chat',
  image: 'image',
  video: 'video',
};

/** Aliases, and the models that this command can use: the cached ones, or those known for the gateway. */
export async function modelNames({ command, deps, ...flags }: Where): Promise<string[]> {
  const { config, gateway, places } = await loadSettings(deps, flags);
  const kind = Object.hasOwn(kindOf, command) ? kindOf[command] : undefined;
  const cached = await readCached(places.cache, gateway, deps);
  const ids = (cached.all ?? cached.public)?.models
    .filter((model) => isOfType(model, kind ?? 'all'))
    .map(({ id }) => id);
  return [...Object.keys(config.aliases ?? {}), ...(ids ?? knownModels(gateway, kind))];
}

/** Saved conversations, the newest first. */
export async function conversationNames(deps: Deps): Promise<string[]> {
  const { files } = await sessionFiles(findPlaces(deps).sessions, deps);
  return files.map(({ name }) => name);
}

/** Calls that were killed, for budget release. */
export async function killedCalls(deps: Deps): Promise<string[]> {
  const { readNow } = await import('../money/budget/catch-up.ts');
  const { unsettledIn } = await import('../money/budget/spending.ts');
  const { bookOf } = await import('../money/budget/state.ts');
  const books = ['', playGateway].map((gateway) => bookOf(findPlaces(deps), gateway));
  const states = await Promise.all(books.map((book) => readNow(book, deps)));
  return states.flatMap((state) => unsettledIn(state).map(([call]) => call));
}

function knownModels(
  { knownModels: chat, media }: Gateway,
  kind: ModelKind | undefined,
): readonly string[] {
  const byKind: Partial<Record<ModelKind, readonly string[]>> = {
    chat,
    image: media.image?.knownModels ?? [],
    video: media.video?.knownModels ?? [],
  };
  return kind === undefined ? Object.values(byKind).flat() : (byKind[kind] ?? []);
}
