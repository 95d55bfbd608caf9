/** The checks of a live gateway, and in which order: free requests, and a few small paid calls under a cap. It repairs nothing and retries no paid call. */
import { CliError } from '../../base/errors.ts';
import { isOfType } from '../../client/listing.ts';
import type { Board } from '../../gateways/types.ts';
import { formatDecimal, parseDecimal, plus, zero } from '../../money/decimal.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { aliased, isAuto } from '../aliases.ts';
import type { LiveCall } from './live-budget.ts';
import { checkSearch, checkStream, checkUnknownModel, checkWhole } from './live-chat.ts';
import type { Live } from './live-context.ts';
import { checkBoards, checkCatalogue, checkLists, checkWrongKey } from './live-free.ts';
import { checkImage, imageCall } from './live-image.ts';

/** Tokens of each answer. Some models refuse less. */
const MAX_TOKENS = 16;
const NO_MODEL = 'alltoken-cli-no-such-model';
const messages = [{ role: 'user', content: 'Answer with the word: ok' }];

interface Step {
  /** Of its first check. */
  name: string;
  /** null: it is free. */
  call: LiveCall | null;
  run(live: Live, call: LiveCall): Promise<void>;
}

/** Yields what it will cost and each paid call before it is made. All results are in `checks`. */
export async function* checkLive(live: Live): AsyncGenerator<OutputEvent, void, undefined> {
  const { connection, budget, checks, exchanges, deps } = live;
  const { gateway } = connection;
  const steps = stepsFor(live);
  const paid = steps.flatMap(({ call }) => (call === null ? [] : [call]));
  const most = paid.reduce((sum, { bound }) => plus(sum, parseDecimal(bound ?? '') ?? zero), zero);
  yield {
    type: 'status',
    message: `${paid.length} small paid calls to ${gateway.label}: at most $${formatDecimal(most)} by its prices, and never more than $${formatDecimal(budget.left)}`,
  };
  if (paid.length > 0 && paid.every(({ bound }) => bound === null))
    await checks.run('prices of the calls', () => {
      throw new CliError(
        'budget',
        `${gateway.label} publishes no prices, so no cap can hold its calls; nothing was bought`,
        { code: 'cost_unbounded', billed: 'no' },
      );
    });
  for (const { name, call, run } of steps) {
    if (deps.signal.aborted) return;
    exchanges.check = name;
    if (call === null) await run(live, freeCall);
    else if (call.bound === null) checks.skip(name, `the price of ${call.model} is unknown`);
    else if (!budget.fits(call))
      checks.skip(
        name,
        `up to $${call.bound}, and $${formatDecimal(budget.left)} of the cap are left`,
      );
    else {
      yield { type: 'status', message: `${name}: ${call.model}, at most $${call.bound}` };
      await run(live, call);
    }
  }
}

const freeCall: LiveCall = { model: '', body: {}, bound: '0' };

/** The free ones first, then the cheapest. */
function stepsFor({ connection, catalogue, budget, checks }: Live): Step[] {
  const { gateway, settings } = connection;
  const steps: Step[] = [];
  const free = (name: string, run: Step['run']): void => void steps.push({ name, call: null, run });
  free('model lists', checkLists);
  if (gateway.catalogue !== null) free('catalogue', checkCatalogue);
  const boards = Object.keys(gateway.boards) as Board[];
  if (boards.length > 0) free('boards', checkBoards);
  if (gateway.keyRequired || gateway.embedded) free('wrong key', checkWrongKey);
  const wanted = aliased(
    settings.config.defaults?.chat?.model ?? gateway.defaultModels.chat ?? '',
    settings.config,
  );
  const first = catalogue.models.find((model) => isOfType(model, 'chat'))?.id;
  const model = wanted === '' || isAuto(wanted) ? (gateway.defaultModels.chat ?? first) : wanted;
  if (model === undefined || gateway.routes.chat === undefined) {
    checks.skip('stream', `${gateway.label} has no chat model to ask`);
    return steps;
  }
  const body = (id: string, more: object = {}): Record<string, unknown> => ({
    model: id,
    messages,
    max_tokens: MAX_TOKENS,
    stream: true,
    stream_options: { include_usage: true },
    ...more,
  });
  const whole = { model, messages, max_tokens: MAX_TOKENS, stream: false };
  steps.push(
    {
      name: 'unknown model',
      call: budget.chat(NO_MODEL, body(NO_MODEL, { max_tokens: 1 }), model),
      run: checkUnknownModel,
    },
    { name: 'stream', call: budget.chat(model, body(model)), run: checkStream },
    { name: 'whole reply', call: budget.chat(model, whole), run: checkWhole },
  );
  const searcher = gateway.defaultModels.search;
  if (gateway.chat.search !== null && searcher !== null)
    steps.push({
      name: 'search',
      call: budget.chat(searcher, body(searcher, { enable_search: true })),
      run: checkSearch,
    });
  const { image } = gateway.media;
  if (image !== null && gateway.routes.images !== undefined && image.idempotencyMillis > 0)
    steps.push({ name: 'image', call: imageCall(gateway), run: checkImage });
  return steps;
}
