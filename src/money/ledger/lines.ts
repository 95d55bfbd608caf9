/** The lines of the ledger. Types only. Fields are only ever added; a line of an older version lacks the newer ones. */
import type { Billed } from '../../base/errors.ts';
import type { Cost } from '../../schemas/common.ts';

interface CommonFields {
  v: 1;
  /** Joins the outcome to its intent. */
  call: string;
  /** RFC 3339, UTC, with a Z. */
  at: string;
  command: string;
  /** Its id. */
  gateway: string;
  /** The requested conversation. */
  session: string | null;
  /** What the caller called it, for reports and budgets. */
  tags: readonly string[];
  /** What a budget reserved for it, in USD; absent without a budget, null where that is not known. */
  bound?: string | null;
}

/** Before a paid request. */
export interface IntentLine extends CommonFields {
  event: 'intent';
  pid: number;
  /** Distinguish its process from others with this number; absent in lines of older versions. */
  mark?: string;
  space?: string;
  /** The slice of a budget that pays for it; absent where it has a reservation of its own. */
  lease?: string;
  /** As requested. */
  model: string;
}

/** After it. A job may have several; the last one of a call counts. */
export interface OutcomeLine extends CommonFields {
  event: 'outcome';
  /** As answered; null when no answer named it. */
  model: string | null;
  requested_model: string;
  request_id: string | null;
  /** Of a paid job; a call of another kind has none. */
  task_id?: string | null;
  /** null when the output failed before the end was known, and where it was not sent after all. */
  exit: number | null;
  billed: Billed;
  attempts: number;
  /** As the gateway sent it. */
  usage: Readonly<Record<string, unknown>> | null;
  cost: Cost;
  /** From the request to the end of the reply, or of the process that waited for the job; ms. */
  duration_ms: number | null;
  /** From the request to the first piece of text or reasoning, ms; null where there is none. */
  first_token_ms: number | null;
}
