/** What work says and renderers hear. Types only; the public part is defined by the schemas, which are the `--jsonl` contract. */
import type { ChatEvent } from './schemas/chat.ts';
import type { ErrorDocument, FailureDocument } from './schemas/common.ts';

/** For stderr only, with -v or --debug; never part of the JSON contract. */
interface TraceEvent {
  type: 'trace';
  level: 'verbose' | 'debug';
  message: string;
}

export interface Table {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** What a helper command prints: for people and pipes either text or a table, and `document` for --json. */
export interface OutputDocumentEvent {
  type: 'output';
  content: { text: string } | { table: Table };
  document: unknown;
  /** The command found something wrong: shown on stderr, and its code is the exit code. */
  error?: ErrorDocument;
}

/** A failure of a command that has no richer document of its own. */
type FailureEvent = FailureDocument & { type: 'failure' };

export type OutputEvent = ChatEvent | TraceEvent | OutputDocumentEvent | FailureEvent;
