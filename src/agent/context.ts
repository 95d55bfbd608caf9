/** Joins the context that a tool gets to the run that it is called in, which only tools of our own may see. */
import type { CallRecord, ToolContext } from './types.ts';
import type { World } from './world.ts';

export interface Inside {
  readonly world: World;
  readonly step: number;
  readonly tool: string;
  warn(message: string): void;
  /** Counts what the tool has bought, with all that is known of it. */
  record(call: CallRecord): void;
}

const insides = new WeakMap<ToolContext, Inside>();

export function joined(context: ToolContext, inside: Inside): ToolContext {
  insides.set(context, inside);
  return context;
}

/** null where a tool is called by somebody else. */
export function insideOf(context: ToolContext | undefined): Inside | null {
  return context === undefined ? null : (insides.get(context) ?? null);
}
