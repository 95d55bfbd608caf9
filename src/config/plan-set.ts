/** Computes the config that `config set` would write. It reads and writes no file. */

import { isRecord } from '../base/json.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { builtInGateways } from '../gateways/index.ts';
import { type Checked, checkConfig, configError, unknownKey } from './check-config.ts';
import { valueAt, withValue } from './config-path.ts';
import { configShape } from './config-shape.ts';
import { forbiddenProblem } from './forbidden.ts';
import { loginStep } from './login-step.ts';
import type { Problem } from './problem.ts';
import { splitPath } from './split-path.ts';

/** In characters, of what may be a key. */
const SHORTEST_KEY = 12;

type Refusal = Checked & { ok: false };

/**
 * The whole next config and the value in it. `file` names the file in errors.
 * Throws `usage` for a path or value that the config does not take, `no_key` when the file is bad elsewhere.
 */
export function planSet(
  raw: unknown,
  path: string,
  valueText: string,
  file: string,
): { config: unknown; value: unknown } {
  const before = checkConfig(raw);
  if (!isRecord(raw) && !before.ok) throw configError(before, file);
  const json = asJson(valueText);
  const keys = keysOf(raw, path, valueText, isRecord(json?.value));
  const first = attempt(raw, keys, json === null ? valueText : json.value);
  if (first.ok) return first;
  const second = json === null ? first : attempt(raw, keys, valueText);
  if (second.ok) return second;
  // If neither reading is valid, report the JSON one: a wrong number or object was meant as JSON.
  const isOurs = before.ok || isAt(first.problem, keys);
  throw isOurs ? configError(first, 'config set', 'usage') : configError(first, file);
}

function attempt(
  raw: unknown,
  keys: readonly string[],
  value: unknown,
): { ok: true; config: unknown; value: unknown } | Refusal {
  const config = withValue(raw, keys, value);
  const checked = checkConfig(config);
  return checked.ok ? { ok: true, config, value } : checked;
}

function keysOf(raw: unknown, path: string, text: string, isObject: boolean): string[] {
  const split = splitPath(configShape, raw, path.split('.'), isObject);
  if ('keys' in split) return split.keys;
  const asked = withValue({}, [...split.at, split.key], '');
  const forbidden = forbiddenProblem(asked);
  const unknown = forbidden === null ? unknownKey(split.at, split.key, path) : null;
  const { keys, message, near } = forbidden ?? unknown ?? { keys: [], message: '' };
  const right =
    unknown === null
      ? loginFor(raw, split.at)
      : near === undefined
        ? unknown.next
        : setStep(near, text);
  throw configError({ problem: { keys, message, next: right }, more: 0 }, 'config set', 'usage');
}

/** A key is not stored here, and what was typed is one, or its name. */
function loginFor(raw: unknown, [place, gateway]: readonly string[]): NextStep {
  const isKnown =
    place === 'gateways' &&
    gateway !== undefined &&
    (builtInGateways.has(gateway) || valueAt(raw, [place, gateway]) !== undefined);
  return isKnown
    ? loginStep({ id: gateway })
    : { do: 'run', argv: ['alltoken', 'login'], for: 'user' };
}

/** A longer value may be a key, which no hint shows. */
function setStep(name: string, value: string): NextStep {
  return value.length < SHORTEST_KEY && !value.startsWith('-')
    ? runStep(['config', 'set', name, value])
    : runStep(['config', 'set', name], '<value>');
}

function asJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** Whether the problem is at the path that was set, below it, or in an object that contains it. */
function isAt(problem: Problem, keys: readonly string[]): boolean {
  const shorter = Math.min(problem.keys.length, keys.length);
  return shorter > 0 && keys.slice(0, shorter).every((key, index) => key === problem.keys[index]);
}
