/** What a key may look like. It does not check whether a key is valid, and never repeats any part of one. */

import { CliError } from '../base/errors.ts';
import { builtInGateways } from '../gateways/index.ts';

const maxKeyLength = 4096;

/** Patterns for a trimmed text, each with its fault; the first match is printed. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'it is empty'],
  [/^(["']).*\1$/s, 'it has quotes around it'],
  [/^<.*>$|^[{[].*[}\]]$|^[$%]/s, 'it is a placeholder, not a key'],
  [
    /^(?:(?:sk|th|at|alt|key)[-_])*your(?:[-_\s]|api|key|token|$)/i,
    'it is a placeholder, not a key',
  ],
  [/\.{3}|…/, 'it is a placeholder or was cut short'],
  [/\*{3}|•/, 'it is masked, not the whole key'],
  [/^Bearer\s/i, 'it begins with "Bearer"; give only the key'],
  [/^(?:export\s+)?[A-Z][A-Z0-9]*_[A-Z0-9_]*=./, 'it begins with NAME=; give only the key'],
  [/\s/, 'it contains white space'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  [/[\u0000-\u001f\u007f-\u009f]/, 'it contains control characters'],
  [/[^\u0021-\u007e]/, 'it contains characters that are not ASCII'],
];

/** The key without white space around it. Throws `no_key` for a text that cannot be a key; `source` says where it came from. */
export function checkKey(text: string, source: string): string {
  const key = text.trim();
  const fault = keyFault(key);
  if (fault !== null) {
    throw new CliError('no_key', `malformed key in ${source}: ${fault}`, { code: 'malformed_key' });
  }
  return key;
}

function keyFault(key: string): string | null {
  if (key.length > maxKeyLength) return `it is longer than ${maxKeyLength} characters`;
  const rule = rules.find(([pattern]) => pattern.test(key));
  if (rule !== undefined) return rule[1];
  const prefix = knownPrefix(key);
  if (prefix === null) return null;
  return /^[-_.x]*$/i.test(key.slice(prefix.keyPrefix.length))
    ? 'it is a placeholder, not a key'
    : null;
}

interface KnownPrefix {
  id: string;
  label: string;
  baseUrl: string;
  keyPrefix: string;
}

/** The built-in gateway whose keys begin like this one; null when none do. The longest prefix counts. */
export function knownPrefix(key: string): KnownPrefix | null {
  let found: KnownPrefix | null = null;
  for (const { id, label, baseUrl, keyPrefix } of builtInGateways.values()) {
    if (keyPrefix === null || !key.startsWith(keyPrefix)) continue;
    if (found !== null && found.keyPrefix.length >= keyPrefix.length) continue;
    found = { id, label, baseUrl, keyPrefix };
  }
  return found;
}
