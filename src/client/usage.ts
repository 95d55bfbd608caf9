/** Reads the token counts of a chunk, wherever a vendor puts them. It computes no cost and never guesses a count. */
import { asObject, isRecord, type JsonObject } from '../base/json.ts';
import type { Usage } from '../schemas/chat.ts';

/** How many fields of a usage object are looked at. */
const MAX_FIELDS = 200;

/** Where a chunk holds usage, the best place first. */
const places: readonly ((chunk: JsonObject) => unknown)[] = [
  (chunk) => chunk.usage,
  (chunk) => asObject(chunk.x_groq)?.usage, // Groq, before it sent the standard field
  (chunk) => asObject(lastChoice(chunk))?.usage, // Moonshot
  (chunk) => asObject(asObject(lastChoice(chunk))?.delta)?.usage,
  (chunk) => asObject(asObject(lastChoice(chunk))?.message)?.usage,
  (chunk) => asObject(chunk.message)?.usage, // Anthropic's message_start
  (chunk) => asObject(chunk.result)?.usage, // Cloudflare, one reply
];

function lastChoice(chunk: JsonObject): unknown {
  return Array.isArray(chunk.choices) ? chunk.choices.at(-1) : undefined;
}

/** The usage that a chunk reports; null when it reports none, or only zeros. */
export function usageIn(chunk: JsonObject): Usage | null {
  if (hasNone(chunk)) return null;
  for (const place of places) {
    const usage = usageOf(place(chunk));
    if (usage !== null) return usage;
  }
  return null;
}

/** Whatever a gateway sent as the usage of a call or a task, its numbers within bounds; null where it says nothing, or only zeros. */
export function usageOf(sent: unknown): Usage | null {
  const found = asObject(sent);
  const usage = found === null ? null : withCounts(found);
  return usage !== null && saysSomething(usage, 1) ? usage : null;
}

/** The common chunk, which has no usage anywhere: decided by names that are the same in every chunk, so that it is fast. */
function hasNone(chunk: JsonObject): boolean {
  if (chunk.usage || chunk.x_groq || chunk.message || chunk.result) return false;
  const { choices } = chunk;
  if (!Array.isArray(choices) || choices.length === 0) return true;
  const choice = asObject(choices[choices.length - 1]);
  return choice === null || !(choice.usage || choice.message || asObject(choice.delta)?.usage);
}

/** What is wrong with a cost is said where costs are read. */
const isCost = (key: string): boolean => key.includes('cost');

const isCount = (key: string): boolean => key.endsWith('_tokens');

/** The object with each `…_tokens` a whole number of at least 0, or null, and no other number that counts nothing; everything else as sent. */
function withCounts(sent: JsonObject): Usage {
  const changed: [string, unknown][] = [];
  for (const [key, value] of Object.entries(sent).slice(0, MAX_FIELDS)) {
    if (isCount(key)) {
      // Some servers nest an object under such a name: left as it is, unless our own schema says number.
      const count = isRecord(value) && !standard.has(key) ? value : countOf(value);
      if (count !== value) changed.push([key, count]);
    } else if (key.endsWith('_details') && isRecord(value)) {
      const inner = withCounts(value);
      if (inner !== value) changed.push([key, inner]);
    } else if (typeof value === 'number' && !isCost(key) && !(Number.isFinite(value) && value >= 0))
      changed.push([key, null]);
  }
  return changed.length === 0 ? sent : { ...sent, ...Object.fromEntries(changed) };
}

const standard = new Set(['prompt_tokens', 'completion_tokens', 'total_tokens']);

function countOf(value: unknown): number | null {
  const number =
    typeof value === 'string' && /^\s*\d{1,16}(\.0+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** Whether any count is above 0. A server that sends only zeros has not counted. */
function saysSomething(usage: JsonObject, depth: number): boolean {
  return Object.values(usage)
    .slice(0, MAX_FIELDS)
    .some((value) => {
      if (depth > 0 && isRecord(value)) return saysSomething(value, depth - 1);
      const isNumber = typeof value === 'number' || typeof value === 'string';
      return isNumber && Number(value) > 0;
    });
}
