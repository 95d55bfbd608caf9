/** The agent as a tool sees it that buys: its gateway and key, its cap, and where files go. One purchase at a time where a cap holds. */
import type { Deps } from '../../base/deps.ts';
import { SignalReceived } from '../../base/errors.ts';
import { innerDeps, noInput } from '../../base/inner-deps.ts';
import { compare, formatDecimal, zero } from '../../money/decimal.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { insideOf } from '../context.ts';
import type { Hold } from '../purse.ts';
import { failed } from '../run-tools.ts';
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
  if (inside === null || context === undefined)
    return failed('no_agent', { message: 'this tool works in an agent of alltoken-cli only' });
  const { world, warn } = inside;
  const { options, purse, connection } = world;
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
    const maxCost = left === null ? null : formatDecimal(compare(left, zero) < 0 ? zero : left);
    if (maxCost !== null && !isFree) hold = purse.hold(maxCost);
    const { baseUrl = connection.ephemeral ? connection.gateway.baseUrl : undefined } = options;
    return await work({
      context: {
        ...contextFields(context),
        // What was held for it makes room for what it cost.
        spent: (cost) => {
          hold?.release();
          context.spent(cost);
        },
      },
      deps: innerDeps(world.deps, {
        signal: stop.signal,
        stdin: noInput,
        env: envWithKey(world.deps.env, connection.gateway.keyVariable, options.apiKey),
      }),
      flags: {
        gateway: connection.gateway.id,
        ...(baseUrl !== undefined && { baseUrl }),
        ...(maxCost !== null && { maxCost }),
        tag: [...world.tags],
      },
      directory: world.directory ?? world.deps.workingDirectory,
      report: (event) => {
        if (world.report !== undefined) world.report(event);
        else if (event.type === 'warning') warn(event.message);
      },
    });
  } finally {
    hold?.release();
    context.signal.removeEventListener('abort', end);
  }
}

function contextFields({ signal, callId, session, tags, left }: ToolContext) {
  return { signal, callId, session, tags, left };
}

/** A key of the agent's own is the one of its tools, too. */
function envWithKey(env: Deps['env'], variable: string | null, key: string | null): Deps['env'] {
  return variable === null || key === null ? env : { ...env, [variable]: key };
}
