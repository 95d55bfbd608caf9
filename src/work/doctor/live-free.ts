/** Checks of a live gateway that cost nothing: its lists, its boards, and what it says to a wrong key. */
import { CliError } from '../../base/errors.ts';
import { boardNames, fetchBoard } from '../../client/boards.ts';
import { fetchJson } from '../../client/get-json.ts';
import { publicUrl } from '../../client/public-url.ts';
import type { Board } from '../../gateways/types.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { readModelList } from '../../schemas/models.ts';
import { drain } from './live-budget.ts';
import { broken, failureOf, type Live, policyOf, refusal, sendOf } from './live-context.ts';

export async function checkLists(live: Live): Promise<void> {
  const { connection, checks, deps } = live;
  const { baseUrl, routes } = connection.gateway;
  const paths = [routes.models, routes.imageModels, routes.videoModels];
  await checks.run('model lists', async () => {
    const found: string[] = [];
    for (const path of paths) {
      if (path === undefined) continue;
      const request = { url: `${baseUrl}${path}`, key: connection.key?.value ?? null, what: path };
      const list = await orMissing(fetchJson(request, policyOf(live), sendOf(live), deps));
      const models = list === null ? null : readModelList(list);
      if (list !== null && (models === null || models.length === 0))
        throw broken(`${path} is not a list of models`);
      found.push(`${path} ${models === null ? 'is not there' : `has ${models.length}`}`);
    }
    return { value: null, detail: found.join(', ') };
  });
}

/** null for 404. */
async function orMissing(work: AsyncGenerator<OutputEvent, unknown, undefined>): Promise<unknown> {
  try {
    return await drain(work);
  } catch (error) {
    if (error instanceof CliError && error.exit === 'not_found') return null;
    throw error;
  }
}

export async function checkCatalogue(live: Live): Promise<void> {
  const { connection, checks, deps } = live;
  const { gateway } = connection;
  const url = publicUrl(gateway.baseUrl, gateway.catalogue);
  if (url === null) return checks.skip('catalogue', 'it is not beside this base URL');
  await checks.run('catalogue', async () => {
    const request = { url, key: null, what: 'the public catalogue' };
    const json = await drain(fetchJson(request, policyOf(live), sendOf(live), deps));
    const models = readModelList(json);
    if (models === null) throw broken('the public catalogue is not a list of models');
    const priced = models.filter(
      ({ input_price, prompt_price, pricing }) =>
        (pricing?.prompt ?? input_price ?? prompt_price) !== undefined,
    );
    if (priced.length === 0) throw broken('no model of the public catalogue has a price');
    return {
      value: null,
      detail: `${models.length} models without a key, ${priced.length} with prices`,
    };
  });
}

export async function checkBoards(live: Live): Promise<void> {
  const { connection, checks, deps } = live;
  const { gateway } = connection;
  await checks.run('boards', async () => {
    const names: string[] = [];
    for (const [name, place] of Object.entries(gateway.boards)) {
      const board = name as Board;
      // One provider is below the list of them, whose shape nobody has documented.
      const url = board === 'provider' ? null : publicUrl(gateway.baseUrl, place);
      if (url === null) continue;
      const data = await drain(fetchBoard(url, board, policyOf(live), sendOf(live), deps));
      if (typeof data !== 'object' || data === null)
        throw broken(`the board of ${boardNames[board]} is neither an object nor a list`);
      names.push(boardNames[board]);
    }
    return { value: null, detail: names.join(', ') };
  });
}

export async function checkWrongKey(live: Live): Promise<void> {
  const { connection, checks, exchanges, deps } = live;
  const { gateway } = connection;
  const url = `${gateway.baseUrl}${gateway.routes.models}`;
  if (url === publicUrl(gateway.baseUrl, gateway.catalogue))
    return checks.skip('wrong key', 'the model list is public');
  await checks.run('wrong key', async () => {
    const request = { url, key: `${gateway.keyPrefix ?? 'sk-at-'}invalid`, what: 'the model list' };
    const error = await failureOf(drain(fetchJson(request, policyOf(live), sendOf(live), deps)));
    if (error === null) throw broken('a key that cannot be right was accepted');
    return refusal(error, exchanges.last, [401]);
  });
}
