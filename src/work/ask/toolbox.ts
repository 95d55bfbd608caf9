/** Tools in a chat, as its work sees them: what a request offers, who runs the calls of a step, and what all of it cost. Types only. */
import type { Deps } from '../../base/deps.ts';
import type { ToolCall, ToolResult } from '../../schemas/chat.ts';
import type { Cost } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import type { Message } from './conversations.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** A step that ended well and asks for tools. */
export interface Step {
  /** From 1. */
  number: number;
  /** '' where the model only called tools. */
  text: string;
  calls: readonly ToolCall[];
  connection: Connection;
}

/** What the requests and the tools of a chat have cost. */
export interface Bill {
  cost: Cost;
  /** USD that are known, where a part is not; null where all of it is known, or nothing. */
  atLeast: string | null;
}

export interface Toolbox {
  /** Of the body; none: the chat goes on without tools. */
  readonly definitions: readonly object[];
  readonly maxSteps: number;
  /** What is left of --max-cost for the next request, in USD; null without one. Throws `CliError` budget where that is not known. */
  left(): string | null;
  /** A request of the chat has ended. `bound`: USD that were held for it, null where nothing was. */
  paid(cost: Cost, bound: string | null): void;
  /** Runs the calls. Each has its result when it ends, also where it throws because it was stopped. */
  run(step: Step): AsyncGenerator<OutputEvent, void, undefined>;
  /** The step stays without its tools: each call gets a result that says so. */
  skip(step: Step): void;
  /** The steps so far, for the next request and the conversation: each call has exactly one result. */
  readonly messages: readonly Message[];
  readonly calls: readonly ToolCall[];
  readonly results: readonly ToolResult[];
  bill(): Bill;
  close(): Promise<void>;
}

/** Yields warnings. Throws `CliError` where a tool cannot be had; nothing was sent. */
export type OpenToolbox = (
  plan: Plan,
  options: AskOptions,
  deps: Deps,
) => AsyncGenerator<OutputEvent, Toolbox, undefined>;
