/**
 * Two answers that need no more than one file: `alltoken cost` and `alltoken models` into a pipe. The whole program
 * takes longer to load than they take to find. Whatever is not plain sailing is left to it: null.
 */

import type { Clock, Deps } from './base/deps.ts';
import { asObject } from './base/json.ts';
import { readCatalogue } from './client/catalogue.ts';
import { byId, FRESH_MS, idLines, isOfType, leftOutWords } from './client/listing.ts';
import { MAX_CONFIG_BYTES, readChecked } from './config/checked-config.ts';
import { findPlaces, type Places } from './config/places.ts';
import { variable } from './config/variable.ts';
import { alltoken } from './gateways/alltoken.ts';
import { findLastCall } from './money/ledger/last-call.ts';
import { shownUsd } from './money/ledger/totals.ts';
import { playGateway } from './money/play.ts';
import { files } from './system/files.ts';

export interface QuickWorld extends Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory'> {
  clock: Pick<Clock, 'now'>;
}

/** What the program would print. */
export interface QuickAnswer {
  stdout: string;
  stderr: string;
}

/** null: ask the program. */
export async function quickAnswer(command: string, world: QuickWorld): Promise<QuickAnswer | null> {
  try {
    return command === 'cost' ? await lastCost(world) : await chatModels(world);
  } catch {
    return null; // the program says it with the right words and the right code
  }
}

async function lastCost(world: QuickWorld): Promise<QuickAnswer | null> {
  const places = findPlaces(world);
  const usual = variable(world, 'ALLTOKEN_GATEWAY') ?? (await configGateway(places, world));
  if (usual === undefined) return null;
  const gateway = usual === playGateway ? playGateway : null;
  const found = await findLastCall(places.ledger, gateway, () => false, { files, ...world });
  if (found?.outcome == null || found.open !== null) return null;
  return { stdout: `${shownUsd(found.outcome) ?? 'unknown'}\n`, stderr: '' };
}

/** null: it names none; undefined: the program has to look, and may refuse it. */
async function configGateway(
  places: Places,
  world: QuickWorld,
): Promise<string | null | undefined> {
  if (!(await files.isTaken(places.configFile))) return null;
  const text = new TextDecoder().decode(await files.read(places.configFile, MAX_CONFIG_BYTES));
  const checked = await readChecked(places, { files, ...world });
  if (checked?.endsWith(`\n${text}`) !== true) return undefined;
  const { gateway } = asObject(JSON.parse(text)) ?? {};
  return typeof gateway === 'string' ? gateway : null;
}

/** The kept list of the usual gateway. A config may name another one, and a bad one has to be refused. */
async function chatModels(world: QuickWorld): Promise<QuickAnswer | null> {
  const elsewhere = ['ALLTOKEN_GATEWAY', 'ALLTOKEN_BASE_URL'];
  if (elsewhere.some((name) => variable(world, name) !== undefined)) return null;
  const { configFile, cache } = findPlaces(world);
  if (await files.isTaken(configFile)) return null;
  const list = await readCatalogue(cache, alltoken.id, alltoken.baseUrl, { files, ...world });
  const age = world.clock.now() - (list?.fetchedAt ?? 0);
  if (list === null || age < 0 || age >= FRESH_MS) return null;
  const lines = idLines(list.models.filter((model) => isOfType(model, 'chat')).sort(byId));
  // The program says why there is nothing.
  if (lines === '') return null;
  const others = leftOutWords(list.models, 'chat');
  return { stdout: lines, stderr: others === null ? '' : `${others}\n` };
}
