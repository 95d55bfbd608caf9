/** Names of MCP tools as the OpenAI wire takes them: 1 to 64 letters, digits, `_` and `-`, each once. Pure. */
import { createHash } from 'node:crypto';

const MAX_NAME = 64;

/** The same name for the same tool at every start, unless `taken` has it; then with the first free number. */
export function wireName(prefix: string, name: string, taken: ReadonlySet<string>): string {
  const whole = `${prefix}${name}`;
  const plain = whole.replace(/[^A-Za-z0-9_-]/g, '_');
  // What was changed or cut is told apart by a hash of all of it.
  const isAsNamed = plain === whole && plain.length <= MAX_NAME && plain !== '';
  const base = isAsNamed ? plain : withEnd(plain, `_${hashOf(whole)}`);
  let found = base;
  for (let number = 2; taken.has(found); number += 1) found = withEnd(base, `_${number}`);
  return found;
}

function withEnd(name: string, end: string): string {
  return `${name.slice(0, MAX_NAME - end.length)}${end}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}
