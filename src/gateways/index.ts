/** The table of gateways: adding one is a file and a line here. */
import { alltoken } from './alltoken.ts';
import { altllm } from './altllm.ts';
import { localServers } from './local.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { sandbox } from './sandbox.ts';
import { tokenhub } from './tokenhub.ts';
import type { Gateway } from './types.ts';

/** By the name that -g takes. */
export const builtInGateways = byId([
  alltoken,
  tokenhub,
  altllm,
  sandbox,
  openrouter,
  ...localServers,
]);

/** By the `kind` that a gateway from the config names: every service somewhere else, and any server with OpenAI's wire. */
export const gatewayTemplates = templatesOf(builtInGateways);

/** The kinds that a config may name. */
export function kindsOf(gateways: ReadonlyMap<string, Gateway> = builtInGateways): string[] {
  return [...templatesOf(gateways).keys()];
}

function templatesOf(gateways: ReadonlyMap<string, Gateway>): ReadonlyMap<string, Gateway> {
  const elsewhere = [...gateways.values()].filter(
    ({ embedded, startHint }) => !embedded && startHint === null,
  );
  return byId([...elsewhere, openai]);
}

function byId(gateways: readonly Gateway[]): ReadonlyMap<string, Gateway> {
  return new Map(gateways.map((gateway) => [gateway.id, gateway]));
}

/** What a gateway can do, computed from the data that runs it. */
export const abilities = {
  chat: ({ routes }) => routes.chat !== undefined,
  search: ({ chat }) => chat.search !== null,
  image: ({ routes, media }) => routes.images !== undefined && media.image !== null,
  'image edits': ({ routes, media }) => routes.imageEdits !== undefined && media.image !== null,
  'image variations': ({ routes, media }) =>
    routes.imageVariations !== undefined && media.image !== null,
  video: ({ routes, media }) => routes.videos !== undefined && media.video !== null,
  'video list': ({ media }) => media.video?.lists === true,
  'video cancel': ({ media }) => media.video?.cancels === true,
  uploads: ({ routes }) => routes.uploads !== undefined,
  // Passed on by `alltoken serve`.
  responses: ({ routes }) => routes.responses !== undefined,
  messages: ({ routes }) => routes.messages !== undefined,
  embeddings: ({ routes }) => routes.embeddings !== undefined,
  models: ({ routes }) => routes.models !== undefined,
  prices: ({ catalogue }) => catalogue !== null,
  health: ({ boards }) => boards.health !== undefined,
  providers: ({ boards }) => boards.providers !== undefined,
  rankings: ({ boards }) => boards.rankings !== undefined,
  cost: ({ costWaitMillis, costInUsage }) => costWaitMillis > 0 || costInUsage,
} as const satisfies Record<string, (gateway: Gateway) => boolean>;

export type Ability = keyof typeof abilities;

/** The built-in gateways that can, by their names for -g. */
export function gatewaysWith(
  ability: Ability,
  gateways: ReadonlyMap<string, Gateway> = builtInGateways,
): string[] {
  return [...gateways.values()].filter(abilities[ability]).map(({ id }) => id);
}
