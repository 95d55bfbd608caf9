/** `alltoken models --health`, `--providers`, `--rankings` and `--filters`: the public boards of a gateway, as it shows them to everybody. */

import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { boardNames, fetchBoard } from '../../client/boards.ts';
import { publicUrl } from '../../client/public-url.ts';
import { loadSettings } from '../../config/settings.ts';
import { builtInGateways } from '../../gateways/index.ts';
import type { Board, Gateway } from '../../gateways/types.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { BoardDocument } from '../../schemas/models-document.ts';
import { withGateway } from '../../work/connection.ts';
import { boardContent } from './board-tables.ts';
import type { ModelsFlags } from './options.ts';

const flagsOf: Readonly<Record<Board, readonly string[]>> = {
  health: ['--health'],
  routes: ['--health', '--routes'],
  providers: ['--providers'],
  provider: ['--providers'],
  rankings: ['--rankings'],
  filters: ['--filters'],
};

/** `id`: of the provider; null for every other board. */
export async function* showBoard(
  board: Board,
  id: string | null,
  flags: ModelsFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const settings = await loadSettings(deps, flags);
  for (const message of settings.notes) yield { type: 'warning', message };
  const data = yield* withGateway(
    settings,
    null,
    deps,
    async function* ({ gateway, policy, fetch }) {
      const place = gateway.boards[board];
      const url = publicUrl(gateway.baseUrl, place, id ?? '');
      if (url === null) throw noBoard(board, gateway, place?.replace);
      try {
        return yield* fetchBoard(url, board, policy, fetch, deps);
      } catch (error) {
        if (id === null || !(error instanceof CliError) || error.exit !== 'not_found') throw error;
        throw error.with({ next: runStep(['models', '--providers', '-g', gateway.id]) });
      }
    },
  );
  const view = { title: id ?? board, limit: flags.limit, forPeople: deps.stdout.isTerminal };
  const { content, left } = boardContent(data, view);
  if (left > 0)
    yield {
      type: 'status',
      message: `${left} more ${left === 1 ? 'row is' : 'rows are'} left out; see --limit`,
    };
  if ('text' in content) yield { type: 'status', message: `the board ${id ?? board} is empty` };
  const document: BoardDocument = {
    schema: 'alltoken.models.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'models',
    gateway: settings.gateway.id,
    board,
    ...(id === null ? {} : { provider: id }),
    data,
  };
  yield { type: 'output', content, document };
}

/** `ending`: of the base URL that the board would be beside; undefined when the gateway has none. */
function noBoard(board: Board, gateway: Gateway, ending: string | undefined): CliError {
  const having = [...builtInGateways.values()].filter(({ boards }) => boards[board]);
  const name = boardNames[board];
  const names = having.map(({ id }) => id).join(', ');
  return new CliError(
    'usage',
    ending === undefined
      ? `${gateway.label} has no public board of ${name}; these have: ${names}`
      : `no public board of ${name} is beside ${gateway.baseUrl}, which does not end in ${ending}`,
    {
      code: 'unsupported',
      next: runStep(['models', ...flagsOf[board], '-g', having[0]?.id ?? 'sandbox']),
    },
  );
}
