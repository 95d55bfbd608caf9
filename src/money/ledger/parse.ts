/** Reads one line of the ledger. Tolerant of older and newer versions, cheap enough for millions of lines; it checks no schema. */
import { EXIT_OK } from '../../base/errors.ts';
import { asObject, asText } from '../../base/json.ts';
import { parseDecimal } from '../decimal.ts';
import type { IntentLine, OutcomeLine } from './lines.ts';

/** A complete line that this version does not know. */
export interface OtherLine {
  event: 'other';
}

/**
 * null: torn, or not ours; nor is a line without a time. What an older version did not write is filled in: no tags, null
 * for the rest. Times of another form are made like ours.
 */
export function parseLedgerLine(text: string): IntentLine | OutcomeLine | OtherLine | null {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
  if (line === null || typeof line !== 'object' || typeof line.event !== 'string') return null;
  const isKnown = line.event === 'intent' || line.event === 'outcome';
  if (!isKnown || line.v !== 1) return typeof line.v === 'number' ? { event: 'other' } : null;
  const at = typeof line.at === 'string' ? readInstant(line.at) : null;
  if (typeof line.call !== 'string' || at === null) return null;
  line.at = at;
  mend(line);
  return line as unknown as IntentLine | OutcomeLine;
}

/** Of a job. Nothing can come after it: it was bought and is here, or it was never bought at all. */
export function isFinal({ exit, billed, task_id: taskId }: OutcomeLine): boolean {
  return (exit === EXIT_OK && billed === 'yes') || (billed === 'no' && taskId === null);
}

/** A call that was let in and then given up, as a line of a batch that ended: no report counts it. */
export function wasSent({ billed, attempts }: OutcomeLine): boolean {
  return billed !== 'no' || attempts > 0;
}

/** In place: the object is new, and copying it would cost more than reading it. */
function mend(line: Record<string, unknown>): void {
  if (typeof line.command !== 'string') line.command = 'unknown';
  if (typeof line.gateway !== 'string') line.gateway = 'unknown';
  if (typeof line.session !== 'string') line.session = null;
  if (!isTexts(line.tags)) line.tags = [];
  if (typeof line.model !== 'string') line.model = line.event === 'intent' ? 'unknown' : null;
  if (line.event === 'outcome') mendOutcome(line);
}

function mendOutcome(line: Record<string, unknown>): void {
  if (typeof line.requested_model !== 'string') line.requested_model = line.model ?? 'unknown';
  if (typeof line.request_id !== 'string') line.request_id = null;
  if (typeof line.exit !== 'number') line.exit = null;
  if (line.billed !== 'yes' && line.billed !== 'no') line.billed = 'unknown';
  if (typeof line.attempts !== 'number') line.attempts = 1;
  if (asObject(line.usage) === null) line.usage = null;
  if (typeof line.duration_ms !== 'number') line.duration_ms = null;
  if (typeof line.first_token_ms !== 'number') line.first_token_ms = null;
  const cost = asObject(line.cost);
  const isPriced = cost?.source === 'gateway' || cost?.source === 'catalog';
  if (!isPriced || !isAmount(cost?.amount) || typeof cost?.currency !== 'string')
    line.cost = { amount: null, currency: asText(cost?.currency) ?? 'USD', source: 'unknown' };
}

/** Nearly all amounts; reading the others exactly takes longer. */
const usualAmount = /^\d{1,15}(?:\.\d{1,15})?$/;

function isAmount(value: unknown): boolean {
  return typeof value === 'string' && (usualAmount.test(value) || parseDecimal(value) !== null);
}

function isTexts(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (const item of value) if (typeof item !== 'string') return false;
  return true;
}

/** As `Date.toISOString` writes it: any day but the 29th of February, which not every year has. */
const plain =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** As another program may write it. */
const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))$/;

/** An RFC 3339 time as `Date.toISOString` writes it, so that all compare as texts; null for anything else. */
function readInstant(text: string): string | null {
  if (plain.test(text)) return text;
  const [, day = '', time = ''] = rfc3339.exec(text) ?? [];
  const instant = isoOf(`${day}T${time.toUpperCase()}`);
  // Date takes February 30 for March 2.
  return instant !== null && isoOf(day)?.startsWith(day) ? instant : null;
}

/** null also beyond the year 9999, which would be longer. */
function isoOf(text: string): string | null {
  const time = Date.parse(text);
  const iso = Number.isNaN(time) ? '' : new Date(time).toISOString();
  return /^\d{4}-/.test(iso) ? iso : null;
}
