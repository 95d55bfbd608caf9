/** Finds what is never allowed in the config, with a better reason than "unknown key". It judges by names, and looks at values only for key prefixes. */

import { isRecord } from '../base/json.ts';
import { runStep } from '../base/next-step.ts';
import { configShape, type Shape, shapeBelow } from './config-shape.ts';
import { knownPrefix } from './key-rules.ts';
import type { Problem } from './problem.ts';

const secretName =
  /^(?:x[-_])?(?:(?:api|access|secret|auth|bearer|private)[-_]?)?(?:key|token|secret|password|authorization|bearer)$/i;
/** Deeper than any path of the schema; anything below is refused by it anyway. */
const maxDepth = 8;

const noKeys =
  'keys are not stored in the config; use api_key_env, api_key_file or api_key_command';

/** The first forbidden entry, from the outside in; null when there is none. */
export function forbiddenProblem(value: unknown): Problem | null {
  return look(value, configShape, []);
}

function look(value: unknown, shape: Shape | undefined, keys: readonly string[]): Problem | null {
  if (typeof value === 'string') return looksLikeKey(value) ? { keys, message: noKeys } : null;
  if (typeof value !== 'object' || value === null || keys.length >= maxDepth) return null;
  for (const [key, child] of Object.entries(value)) {
    const place = [...keys, key];
    // A schema would drop it silently, and an object could take it as its prototype.
    if (key === '__proto__') return { keys: place, message: 'this name is not allowed' };
    const chosenByPeople = shape?.kind === 'record';
    if (!chosenByPeople && isRecord(value) && isSecretName(key, shape)) {
      return {
        keys: place,
        message: noKeys,
        next: runStep(['config', 'unset', place.join('.')]),
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

/** As whole values, and only with the prefix of a gateway we know: a system prompt may contain anything. */
function looksLikeKey(text: string): boolean {
  return text.length <= 4096 && /^[a-z]+[-_][\w-]{16,}$/.test(text) && knownPrefix(text) !== null;
}
