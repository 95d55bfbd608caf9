/** Finds what may never stand in the config, with a better reason than "unknown key". It looks at names first, never at length at values. */

import { isRecord } from '../base/json.ts';
import { configShape, type Shape, shapeBelow } from './config-shape.ts';
import { knownPrefix } from './key-rules.ts';
import type { Problem } from './problem.ts';
import { shellWord } from './shell-word.ts';

const secretName =
  /^(?:x[-_])?(?:(?:api|access|secret|auth|bearer|private)[-_]?)?(?:key|token|secret|password|authorization|bearer)$/i;
/** Deeper than any place the schema knows; what is below is refused there anyway. */
const maxDepth = 8;

const noKeys =
  'keys never stand in the config; name a place for it with api_key_env, api_key_file or api_key_command';

/** The first forbidden thing, from the outside in; null when there is none. */
export function forbiddenProblem(value: unknown): Problem | null {
  return look(value, configShape, []);
}

function look(value: unknown, shape: Shape | undefined, keys: readonly string[]): Problem | null {
  if (typeof value === 'string') return looksLikeKey(value) ? { keys, message: noKeys } : null;
  if (typeof value !== 'object' || value === null || keys.length >= maxDepth) return null;
  for (const [key, child] of Object.entries(value)) {
    const place = [...keys, key];
    // A schema would drop it without a word, and an object could take it for its prototype.
    if (key === '__proto__') return { keys: place, message: 'this name is not possible' };
    const chosenByPeople = shape?.kind === 'record';
    if (!chosenByPeople && isRecord(value) && isSecretName(key, shape)) {
      return {
        keys: place,
        message: noKeys,
        hint: `alltoken config unset ${shellWord(place.join('.'))}`,
      };
    }
    const problem = look(child, shapeBelow(shape, key), place);
    if (problem !== null) return problem;
  }
  return null;
}

function isSecretName(key: string, shape: Shape | undefined): boolean {
  return secretName.test(key) && shapeBelow(shape, key) === undefined;
}

/** As whole values, and only with the prefix of a gateway we know: a system prompt may speak of anything. */
function looksLikeKey(text: string): boolean {
  return text.length <= 4096 && /^[a-z]+-[\w-]{16,}$/.test(text) && knownPrefix(text) !== null;
}
