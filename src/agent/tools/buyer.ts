/** The agent as a tool sees it that buys: its gateway and key, its cap, and where files go. One purchase at a time where a cap holds. */
import type { Deps } from '../../base/deps.ts';
import { SignalReceived } from '../../base/errors.ts';
import { innerDeps, noInput } from '../../base/inner-deps.ts';
import { formatDecimal, notBelowZero } from '../../money/decimal.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { insideOf, noAgent } from '../inside.ts';
import { type Hold, Purse } from '../purse.ts';
import type { ToolContext } from '../types.ts';

/** What a purchase is made with. */
export interface Buyer {
  context: ToolContext;
  /** They end as Ctrl-C would end them, once the call is stopped. */
  deps: Deps;
  /** As flags of a command. */
  flags: { gateway?: string; baseUrl?: string; maxCost?: string; tag: string[] };
  /** Absolute. */
  directory: string;
  report(event: OutputEvent): void;
}

/** Lets `work` buy something, and resolves to its result for the model. `isFree`: it buys nothing, so nothing is held for it. */
export async function buying(
  context: ToolContext | undefined,
  work: (buyer: Buyer) => Promise<unknown>,
  isFree = false,
): Promise<unknown> {
  const inside = insideOf(context);
  if (inside === null || context === undefined) return noAgent;
  const { gateway, baseUrl, directory } = inside;
  const purse = inside.run?.purse ?? new Purse(null);
  const stop = new AbortController();
  const end = (): void => stop.abort(new SignalReceived('SIGINT', 'the call was stopped'));
  context.signal.addEventListener('abort', end, { once: true });
  if (context.signal.aborted) end();
  let hold: Hold | null = null;
  try {
    // All that is left is this purchase's, until it says what it took.
    while (!isFree && purse.left !== null && purse.isBusy && !stop.signal.aborted)
      await purse.change(stop.signal);
    if (context.signal.aborted) throw context.signal.reason;
    const { left } = purse;
    const maxCost = left === null ? null : formatDecimal(notBelowZero(left));
    if (maxCost !== null && !isFree) hold = purse.hold(maxCost);
    return await work({
      context: {
        ...contextFields(context),
        // What was held for it makes room for what it cost.
        spent: (cost) => {
          hold?.release();
          context.spent(cost);
        },
      },
      deps: innerDeps(inside.deps, { signal: stop.signal, stdin: noInput }),
      flags: {
        ...(gateway !== undefined && { gateway }),
        ...(baseUrl !== undefined && { baseUrl }),
        ...(maxCost !== null && { maxCost }),
        tag: [...context.tags],
      },
      directory,
      report: (event) => inside.report?.(event),
    });
  } finally {
    hold?.release();
    context.signal.removeEventListener('abort', end);
  }
}

function contextFields({ signal, callId, session, tags, left }: ToolContext) {
  return { signal, callId, session, tags, left };
}
