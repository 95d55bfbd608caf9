/** What the built-in tools need of the agent that they run in. It comes with the context of a call, and is no part of the public types. */
import type { Deps } from '../base/deps.ts';
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
