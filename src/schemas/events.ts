/** What commands yield and renderers show. The public part is defined by the schemas, which are the `--jsonl` contract. */
import type { BatchProgress } from './batch.ts';
import type { ChatEvent } from './chat.ts';
import type { Cost, ErrorDocument, FailureDocument } from './common.ts';
import type { MediaEvent } from './media.ts';

/** For stderr only, with -v or --debug; never part of the JSON contract. */
interface TraceEvent {
  type: 'trace';
  level: 'verbose' | 'debug';
  message: string;
}

export interface Table {
  head: readonly string[];
  /** By column; the rest is left. Numbers read better when their ends meet. */
  align?: readonly ('left' | 'right')[];
  /** Columns that a narrow terminal can do without, the first to go first. */
  optional?: readonly number[];
  rows: readonly (readonly string[])[];
}

/** One of several tables; a pipe gets the title as its first column. */
export interface Section {
  title: string;
  table: Table;
}

/** What a helper command prints: for people and pipes text or tables, and `document` for --json. */
export interface OutputDocumentEvent {
  type: 'output';
  content:
    | { text: string }
    /** Text of our own, with the marks of `base/bold.ts` around its headings. */
    | { page: string }
    | { table: Table }
    | { sections: readonly Section[] };
  document: unknown;
  /** The command found something wrong: shown on stderr, and its code is the exit code. */
  error?: ErrorDocument;
  /** What it shows was paid for by this command, and this file has it; never part of the JSON contract. */
  paid?: { saved: string };
}

/** The result itself, for `-o -`: text mode only. */
interface BytesEvent {
  type: 'bytes';
  bytes: Uint8Array;
}

/** Shows an image on a terminal that can; never part of the JSON contract. */
interface PreviewEvent {
  type: 'preview';
  bytes: Uint8Array;
}

/** A question on stderr, whose answer is typed behind it; never part of the JSON contract. */
interface PromptEvent {
  type: 'prompt';
  message: string;
}

/** A question on stderr, whose answer is typed behind it and shown; never part of the JSON contract. */
interface QuestionEvent {
  type: 'question';
  message: string;
}

/** How the answer that follows is laid out where it is shown as text; never part of the JSON contract. */
interface LayoutEvent {
  type: 'layout';
  /** auto: as markdown if stdout is a terminal. */
  markdown: 'auto' | 'always' | 'never';
}

/** What one of several jobs used, as the line on stderr; the JSON has it in the document. */
interface SettledEvent {
  type: 'settled';
  model: string | null;
  usage: Readonly<Record<string, unknown>> | null;
  cost: Cost;
}

/** The conversation has the answer; never part of the JSON contract. */
interface KeptEvent {
  type: 'kept';
  session: string;
}

/** What the conversation of an answer has cost so far, for the line on stderr; never part of the JSON contract; null where nothing is known. */
interface SoFarEvent {
  type: 'so_far';
  amount: string | null;
  /** Something in it has no known cost. */
  at_least: boolean;
}

/** The code that the process ends with, where it is another program's; never part of the JSON contract. */
interface ExitEvent {
  type: 'exit';
  code: number;
}

/** A failure of a command that has no richer document of its own. */
type FailureEvent = FailureDocument & { type: 'failure' };

export type OutputEvent =
  | ChatEvent
  | MediaEvent
  | BatchProgress
  | TraceEvent
  | BytesEvent
  | PreviewEvent
  | PromptEvent
  | QuestionEvent
  | LayoutEvent
  | SettledEvent
  | SoFarEvent
  | KeptEvent
  | ExitEvent
  | OutputDocumentEvent
  | FailureEvent;

type InternalEvent =
  | TraceEvent
  | BytesEvent
  | PreviewEvent
  | PromptEvent
  | QuestionEvent
  | LayoutEvent
  | SettledEvent
  | SoFarEvent
  | KeptEvent
  | ExitEvent;

const internal: Readonly<Record<InternalEvent['type'], true>> = {
  trace: true,
  bytes: true,
  preview: true,
  prompt: true,
  question: true,
  layout: true,
  settled: true,
  so_far: true,
  kept: true,
  exit: true,
};

/** Whether an event is for people only, and never part of the JSON contract. */
export function isInternal(event: OutputEvent): event is InternalEvent {
  return Object.hasOwn(internal, event.type);
}
