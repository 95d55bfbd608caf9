/** Chooses the model of `-m auto:<word>` from the gateway's public prices and rankings. It buys nothing, and sends a key only to the gateway's own list of models. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { fetchBoard } from '../client/boards.ts';
import type { CatalogueModel } from '../client/catalogue.ts';
import { byId, isOfType } from '../client/listing.ts';
import { publicUrl } from '../client/public-url.ts';
import {
  firstListed,
  placesOf,
  type Ranking,
  readRankings,
  writeRankings,
} from '../client/rankings.ts';
import { nearest } from '../config/nearest.ts';
import type { Settings } from '../config/settings.ts';
import { gatewaysWith } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';
import { compare, formatDecimal, parseDecimal, plus, times } from '../money/decimal.ts';
import { type AutoChoice, type AutoWord, autoWords } from '../schemas/auto-choice.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { AUTO_PREFIX } from './aliases.ts';
import { withGateway } from './connection.ts';
import { loadModels } from './model-list.ts';

/** Tokens of a prompt for one of an answer, as most calls have them: what `cheap` weighs the prices by. */
const PROMPT_WEIGHT = 3;

const rankingOf: Readonly<Record<Exclude<AutoWord, 'cheap'>, Ranking>> = {
  fast: 'throughput',
  code: 'coding',
  best: 'benchmark',
};

export interface AutoWants {
  /** The command that the next step is for. */
  command: 'chat' | 'search';
  /** Only models that search, as far as that is known. */
  search: boolean;
  /** All models of the key, from the gateway's own lists; false: the public ones, and no key is read. */
  needKey: boolean;
}

/**
 * Yields one line with the choice. Throws `CliError` usage for another word, for a gateway without the prices or rankings
 * that it takes, and where they name no model that the gateway lists; else the failure of the free request.
 */
export async function* chooseAutoModel(
  asked: string,
  { command, search, needKey }: AutoWants,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, AutoChoice, undefined> {
  const { gateway } = settings;
  const word = readWord(asked);
  // Before anything is requested.
  if (word === 'cheap' ? gateway.catalogue === null : gateway.boards.rankings === undefined)
    throw withoutBasis(asked, word, command, gateway);
  const { models } = yield* loadModels(settings, { needKey, refresh: false }, deps);
  const usable = models.filter(
    (model) => isOfType(model, 'chat') && (!search || searches(model.id, gateway)),
  );
  const choice =
    word === 'cheap'
      ? cheapest(usable)
      : yield* leading(rankingOf[word], asked, usable, settings, deps);
  if (choice === null) throw nothingFits(asked, word, search, gateway);
  const { model, reason } = choice;
  yield { type: 'status', message: `${asked}: ${model} (${reason})` };
  return { asked, model, by: word === 'cheap' ? 'prices' : 'rankings', reason };
}

function readWord(asked: string): AutoWord {
  const text = asked.slice(AUTO_PREFIX.length);
  const word = autoWords.find((known) => known === text);
  if (word !== undefined) return word;
  const all = autoWords.map((known) => `${AUTO_PREFIX}${known}`);
  const near = nearest(asked, all);
  throw new CliError('usage', `-m ${asked}: expected one of ${all.join(', ')}`, {
    code: 'bad_model',
    next: { do: 'did-you-mean', values: near === null ? all : [near] },
  });
}

function searches(id: string, { chat }: Gateway): boolean {
  const lower = id.toLowerCase();
  const rule = chat.search?.rules.find(({ prefix }) => lower.startsWith(prefix));
  return rule?.effect === 'searches';
}

interface Choice {
  model: string;
  reason: string;
}

/** The lowest price of three parts prompt and one part answer; of equal ones the first by id. A model with an unknown price is left out. */
function cheapest(models: readonly CatalogueModel[]): Choice | null {
  const priced = models.flatMap((model) => {
    const input = parseDecimal(model.input ?? '');
    const output = parseDecimal(model.output ?? '');
    if (input === null || output === null) return [];
    return [{ model, weighed: plus(times(input, PROMPT_WEIGHT), output) }];
  });
  const [first] = priced.toSorted(
    (a, b) => compare(a.weighed, b.weighed) || byId(a.model, b.model),
  );
  if (first === undefined) return null;
  const { id, input, output } = first.model;
  const isFree = formatDecimal(first.weighed) === '0';
  const price = isFree ? 'free' : `$${input} and $${output} per million tokens`;
  return { model: id, reason: `the lowest price: ${price}` };
}

/** The first place of the ranking that the gateway lists. */
async function* leading(
  ranking: Ranking,
  asked: string,
  models: readonly CatalogueModel[],
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, Choice | null, undefined> {
  const board = yield* rankingsOf(asked, settings, deps);
  const found = firstListed(placesOf(board, ranking), models);
  if (found === null) return null;
  return { model: found.id, reason: `the first that is listed in the ranking by ${ranking}` };
}

/** From the cache while it is fresh, else from the gateway. */
async function* rankingsOf(
  asked: string,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, unknown, undefined> {
  const { cache } = settings.places;
  const { id, baseUrl } = settings.gateway;
  const cached = await readRankings(cache, id, baseUrl, deps);
  if (cached !== null) return cached.board;
  const board = yield* withGateway(
    settings,
    null,
    deps,
    async function* ({ gateway, policy, fetch }) {
      const url = publicUrl(gateway.baseUrl, gateway.boards.rankings);
      if (url === null)
        throw new CliError(
          'usage',
          `-m ${asked}: no public rankings are beside ${gateway.baseUrl}, which does not end in ${gateway.boards.rankings?.replace}`,
          { code: 'unsupported' },
        );
      return yield* fetchBoard(url, 'rankings', policy, fetch, deps);
    },
  );
  await writeRankings(cache, id, baseUrl, board, deps);
  return board;
}

function withoutBasis(
  asked: string,
  word: AutoWord,
  command: AutoWants['command'],
  gateway: Gateway,
): CliError {
  const [what, ability] =
    word === 'cheap' ? (['prices', 'prices'] as const) : (['rankings', 'rankings'] as const);
  const steps: NextStep[] = [
    ...(word !== 'cheap' && gateway.catalogue !== null
      ? [{ do: 'set-flag', flag: '--model', value: 'auto:cheap' } as const]
      : []),
    runStep([command, '-g', gateway.id, '-m'], '<model> …'),
    ...gatewaysWith(ability)
      .slice(0, 1)
      .map((value) => ({ do: 'set-flag', flag: '--gateway', value }) as const),
  ];
  return new CliError(
    'usage',
    `-m ${asked}: ${gateway.label} publishes no ${what} to choose by; nothing was sent`,
    { code: 'unsupported', next: steps },
  );
}

function nothingFits(asked: string, word: AutoWord, search: boolean, gateway: Gateway): CliError {
  const which = search ? 'model that searches' : 'chat model';
  const basis =
    word === 'cheap'
      ? `no ${which} with a price`
      : `no ${which} in its ranking by ${rankingOf[word]}`;
  return new CliError('usage', `-m ${asked}: ${gateway.label} lists ${basis}`, {
    code: 'no_model',
    next: runStep(
      word === 'cheap'
        ? ['models', '--prices', '-g', gateway.id]
        : ['models', '--rankings', '-g', gateway.id],
    ),
  });
}
