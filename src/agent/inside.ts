/** What the built-in tools need of the agent that they run in. It comes with the context of a call, and is no part of the public types. */
import type { Deps } from '../base/deps.ts';
import { SignalReceived } from '../base/errors.ts';
import { innerDeps, noInput } from '../base/inner-deps.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { Purse } from './purse.ts';
import type { CallRecord, ToolContext } from './types.ts';

export interface Inside {
  deps: Deps;
  /** The gateway of the agent, for what a tool buys. */
  gateway: string | undefined;
  baseUrl: string | undefined;
  /** Where files are saved; absolute. */
  directory: string;
  /** Gets what a purchase has to say on its way: the id of a task before it is waited for, warnings. */
  report?: ((event: OutputEvent) => void) | undefined;
  /** The run that it is called in, for an agent below this one. */
  run?: {
    /** What the run may spend. */
    purse: Purse;
    /** From 1. */
    step: number;
    /** How many agents are above it. */
    depth: number;
    /** Takes a call into those of the run; its cost is counted elsewhere. */
    record(call: CallRecord): void;
  };
}

const insides = new WeakMap<ToolContext, Inside>();

/** Called by whoever makes a context. */
export function putInside(context: ToolContext, inside: Inside): ToolContext {
  insides.set(context, inside);
  return context;
}

/** null for a tool that is called by something else than an agent of ours. */
export function insideOf(context: ToolContext | undefined): Inside | null {
  return context === undefined ? null : (insides.get(context) ?? null);
}

export const noAgent = {
  error: 'this tool works in an agent of alltoken-cli only',
  code: 'no_agent',
};

/** The deps of a purchase: it ends as Ctrl-C would end it, once the signal of the call is aborted. `forget` after it. */
export function depsOf({ deps }: Inside, { signal }: ToolContext): { deps: Deps; forget(): void } {
  const stop = new AbortController();
  const end = (): void => stop.abort(new SignalReceived('SIGINT', 'the call was stopped'));
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return {
    deps: innerDeps(deps, { signal: stop.signal, stdin: noInput }),
    forget: () => signal.removeEventListener('abort', end),
  };
}

const turns = new WeakMap<Deps, Promise<unknown>>();

/** One purchase after the other where a cap holds for all of them: each may spend what the one before it has left. */
export async function inTurn<T>(
  { deps }: Inside,
  context: ToolContext,
  work: () => Promise<T>,
): Promise<T> {
  if (context.left() === null) return work();
  const before = turns.get(deps) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(
    deps,
    mine.catch(() => {}),
  );
  return mine;
}
