/** `alltoken budget release <call>…`: killed calls that shall count no longer. All of them, or none. */

import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { runStep, say } from '../../base/next-step.ts';
import { findPlaces } from '../../config/places.ts';
import { type Found, findUnsettled } from '../../money/budget/overview.ts';
import { releaseCall } from '../../money/budget/release-call.ts';
import { type Book, bookOf } from '../../money/budget/state.ts';
import { playGateway } from '../../money/play.ts';
import type { ReleaseDocument } from '../../schemas/budget.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { unsettledCall } from './show.ts';

interface Chosen extends Extract<Found, { kind: 'unsettled' }> {
  book: Book;
}

export async function* releaseCalls(
  ids: readonly string[],
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const places = findPlaces(deps);
  const books = [bookOf(places, ''), bookOf(places, playGateway)];
  const chosen = new Map<string, Chosen>();
  for (const id of ids) {
    const found = await find(id, books, deps);
    chosen.set(found.call, found);
  }
  for (const { call, book } of chosen.values()) await releaseCall(call, book, deps);
  const released = [...chosen.values()].map(({ call, entry }) => unsettledCall(call, entry));
  const document: ReleaseDocument = {
    schema: 'alltoken.budget.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'budget release',
    released,
    warnings: [],
  };
  yield {
    type: 'output',
    content: { text: released.map(({ call }) => `${call}\n`).join('') },
    document,
  };
}

async function find(id: string, books: readonly Book[], deps: Deps): Promise<Chosen> {
  for (const book of books) {
    const found = await findUnsettled(id, book, deps);
    if (found.kind === 'unsettled') return { ...found, book };
    if (found.kind === 'running')
      throw new CliError('still_running', `process ${found.pid} makes the call ${id}`, {
        code: 'in_use',
        billed: 'unknown',
        next: say('wait for it'),
      });
    if (found.kind === 'several')
      throw new CliError('usage', `${found.calls.length} calls begin with ${JSON.stringify(id)}`, {
        code: 'ambiguous_call',
        next: { do: 'did-you-mean', values: found.calls.slice(0, 3) },
      });
  }
  throw new CliError('usage', `no call without an outcome is called ${JSON.stringify(id)}`, {
    code: 'unknown_call',
    next: runStep(['budget']),
  });
}
