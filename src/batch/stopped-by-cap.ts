/** A batch that a limit on spending has stopped: what has a result by then, and what would pay for the rest. It sends nothing. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { type NextStep, stepsOf } from '../base/next-step.ts';
import { type Cap, decimal, ownCaps } from '../money/budget/caps.ts';
import { misfitWords } from '../money/budget/refusal.ts';
import {
  type Decimal,
  formatDecimal,
  larger,
  minus,
  notBelowZero,
  parseDecimal,
  plus,
  roundedUp,
  shift,
  times,
  zero,
} from '../money/decimal.ts';
import type { BatchCounts } from './ending.ts';
import { type LineIndex, lineStates } from './line-index.ts';
import type { BatchPlan } from './plan.ts';
import { projected, type Tally } from './tally.ts';
import type { BatchTotal } from './total.ts';
import { priceOfAll, SHORT_TOKENS } from './whole-price.ts';

interface Stopped {
  input: string;
  plan: BatchPlan;
  index: LineIndex;
  tally: Tally;
  wholeOf: BatchTotal['wholeOf'];
}

/** Of the codes of our own refusals; that of a proxy has no check. */
const periodOf: Readonly<Record<string, Cap['per']>> = {
  max_cost: 'call',
  budget_day: 'day',
  budget_month: 'month',
};

/** Any other error is returned as it is. */
export async function stoppedByCap(
  error: CliError,
  { input, plan, index, tally, wholeOf }: Stopped,
  deps: Deps,
): Promise<CliError> {
  const { cap, next } = error.details;
  if (cap?.name !== ownCaps.flag || periodIn(error) === undefined) return error;
  // To be sent, also once more.
  const left = index.count(lineStates.unread);
  const done = index.count(lineStates.done) + index.count(lineStates.failed);
  const others = stepsOf(next).filter(
    (step) => step.do !== 'set-flag' || step.flag !== ownCaps.flag,
  );
  const { max, short, dearest, open } = await priceOfAll(input, index, plan, left, deps);
  const usual = projected(tally.amount, done, left);
  const own = decimal(tally.spent);
  const isPart = (plan.shard?.count ?? 1) > 1;
  // What the other parts still need is not known here; what they have spent is gone.
  const elsewhere = isPart ? notBelowZero(minus(decimal(cap.spent ?? '0'), own)) : zero;
  const spent = plus(own, elsewhere);
  const rest = usual === null ? short : formatDecimal(withMargin(decimal(usual)));
  // Beside them, the one that runs needs its bound.
  const room = larger(decimal(cap.bound), decimal(dearest));
  const why =
    usual === null
      ? `for answers of ${SHORT_TOKENS} tokens`
      : 'for lines that cost up to a quarter more than those so far';
  const allow = (amount: Decimal, words: string): NextStep => ({
    do: 'set-flag',
    flag: ownCaps.flag,
    value: formatDecimal(roundedUp(wholeOf(amount))),
    why: isPart ? `${words}, for this part alone` : words,
  });
  const steps: NextStep[] = [
    ...(rest === null ? [] : [allow([spent, decimal(rest), room].reduce(plus), why)]),
    ...(max === null || open !== null
      ? []
      : [allow(plus(spent, parseDecimal(max) ?? spent), 'enough for the longest answers')]),
  ];
  return error.changed({ next: steps.length === 0 ? (next ?? []) : [...others, ...steps] });
}

/** With what became of the lines, if a cap has stopped them. Any other error is returned as it is. */
export function withCounts(
  error: unknown,
  { succeeded, failed, unknown, skipped }: BatchCounts,
): unknown {
  if (!(error instanceof CliError)) return error;
  const per = periodIn(error);
  const { cap } = error.details;
  if (cap === undefined || per === undefined) return error;
  const lost = unknown === 0 ? '' : ` ${unknown} may have been sent and have none,`;
  const ended = `${succeeded + failed} lines have a result,${lost} ${skipped} were not sent`;
  return error.changed({}, `${misfitWords(per, cap, 'the next line')}; ${ended}`);
}

function periodIn({ details: { code = '' } }: CliError): Cap['per'] | undefined {
  return Object.hasOwn(periodOf, code) ? periodOf[code] : undefined;
}

/** What comes may be longer than what has come: without it every second batch would stop once more. */
function withMargin(amount: Decimal): Decimal {
  return shift(times(amount, 125), -2);
}
