/** `alltoken config gateways`: what -g takes, where each gateway is, whether its key is there, and what it can do. It contacts none, and prints no character of a key. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { chooseGateway } from '../../config/choose-gateway.ts';
import { loadConfig } from '../../config/file.ts';
import { type KeyStatus, keyStatus } from '../../config/key-status.ts';
import { findPlaces } from '../../config/places.ts';
import { variable } from '../../config/variable.ts';
import { type Ability, abilities, builtInGateways } from '../../gateways/index.ts';
import type { Config } from '../../schemas/config.ts';
import type { OutputEvent, Section, Table } from '../../schemas/events.ts';

interface Row {
  name: string;
  label: string;
  default: boolean;
  /** The wire that it speaks, for a gateway of the config; null for a built-in one. */
  kind: string | null;
  /** null: started inside the process that asks it. */
  base_url: string | null;
  /** The variable that `base_url` is from. */
  replaced_by: string | null;
  website: string | null;
  key: KeyStatus & { required: boolean };
  abilities: Record<string, boolean>;
}

const allAbilities = Object.keys(abilities) as Ability[];

/** The first that a narrow terminal goes without; the others are what people choose a gateway by. */
const details: readonly Ability[] = [
  'rankings',
  'providers',
  'health',
  'video cancel',
  'video list',
  'uploads',
  'messages',
  'responses',
  'embeddings',
  'image variations',
  'image edits',
];

/** Throws `usage` for an unknown -g, `no_key` for a bad config or base URL of the environment. */
export async function* listGateways(
  flags: { gateway?: string },
  deps: Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory' | 'files' | 'stdout' | 'version'>,
): AsyncGenerator<OutputEvent, void, undefined> {
  const config = await loadConfig(deps, findPlaces(deps));
  const chosen = chooseGateway(deps, config, flags).gateway;
  const source = sourceOf(flags, deps, config);
  const names = new Set([...builtInGateways.keys(), ...Object.keys(config.gateways ?? {})]);
  const rows = [...names].map((name) => rowOf(name, chosen, config, deps));
  for (const { name, replaced_by, base_url } of rows)
    if (replaced_by !== null)
      yield {
        type: 'warning',
        message: `${replaced_by} sends the requests of ${name} to ${base_url}`,
      };
  yield {
    type: 'output',
    content: deps.stdout.isTerminal
      ? { sections: forPeople(rows, source) }
      : { table: forPipes(rows, source) },
    document: {
      schema: 'alltoken.config.v1',
      ok: true,
      exit: EXIT_OK,
      command: 'config gateways',
      default: { name: chosen.id, source },
      base_url_override: rows.find((row) => row.default && row.replaced_by)?.base_url ?? null,
      gateways: rows,
    },
  };
}

/** Where the name of the default comes from. */
function sourceOf(
  flags: { gateway?: string },
  deps: Pick<Deps, 'env' | 'platform'>,
  config: Config,
): string {
  if (flags.gateway !== undefined) return '--gateway';
  if (variable(deps, 'ALLTOKEN_GATEWAY') !== undefined) return 'ALLTOKEN_GATEWAY';
  return config.gateway === undefined ? 'built in' : 'config';
}

function rowOf(
  name: string,
  chosen: { id: string },
  config: Config,
  deps: Pick<Deps, 'env' | 'platform'>,
): Row {
  const { gateway, gatewayConfig } = chooseGateway(deps, config, { gateway: name });
  const { baseUrlEnv } = gateway;
  const isReplaced = baseUrlEnv !== null && variable(deps, baseUrlEnv) !== undefined;
  return {
    name,
    label: gateway.label,
    default: name === chosen.id,
    kind: gatewayConfig?.kind ?? null,
    base_url: gateway.baseUrl || null,
    replaced_by: isReplaced ? baseUrlEnv : null,
    website: gateway.website,
    key: { required: gateway.keyRequired, ...keyStatus(deps, gateway, gatewayConfig) },
    abilities: Object.fromEntries(
      allAbilities.map((ability) => [slug(ability), abilities[ability](gateway)]),
    ),
  };
}

function slug(ability: Ability): string {
  return ability.replaceAll(' ', '_');
}

/** Two tables, each narrow enough for 80 columns. */
function forPeople(rows: readonly Row[], source: string): Section[] {
  const places = rows.map(({ name, base_url, key, ...row }) => [
    row.default ? `${name} *` : name,
    base_url ?? '(in this process)',
    [key.source, wordsFor[key.state]].filter((word) => word).join(' '),
  ]);
  const usual = allAbilities.filter((ability) => !details.includes(ability));
  const shown = [...usual, ...[...details].reverse()];
  const marks = rows.map((row) => [
    row.name,
    ...shown.map((ability) => (row.abilities[slug(ability)] ? '✓' : '–')),
  ]);
  return [
    {
      title: `Gateways (* the default: ${source})`,
      table: { head: ['name', 'base URL', 'key'], rows: places },
    },
    {
      title: 'What they can do',
      table: {
        head: ['name', ...shown],
        optional: details.map((ability) => shown.indexOf(ability) + 1),
        rows: marks,
      },
    },
  ];
}

const wordsFor: Readonly<Record<KeyStatus['state'], string>> = {
  set: 'set',
  not_set: 'not set',
  malformed: 'malformed',
  // Where it comes from says it.
  configured: '',
  none_needed: 'none needed',
};

/** Name, why it is the default (or -), base URL, where the key is from, its state, abilities with commas between. */
function forPipes(rows: readonly Row[], source: string): Table {
  return {
    head: [],
    rows: rows.map(({ name, base_url, key, ...row }) => [
      name,
      row.default ? source : '-',
      base_url ?? '-',
      key.source ?? '-',
      key.state,
      Object.keys(row.abilities)
        .filter((ability) => row.abilities[ability])
        .join(','),
    ]),
  };
}
