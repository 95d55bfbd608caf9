/** Validates a config and describes its first problem. Loaded only when there is a config, because it loads the schema. */
import type * as z from 'zod/mini';
import { CliError, type ExitName } from '../base/errors.ts';
import { own } from '../base/json.ts';
import { redact } from '../base/redact.ts';
import { kindsOf } from '../gateways/index.ts';
import { type Config, configSchemaOf } from '../schemas/config.ts';
import { configNames } from './config-names.ts';
import { knownKeys } from './config-shape.ts';
import { forbiddenProblem } from './forbidden.ts';
import { gatewayProblem } from './gateway-problem.ts';
import { issueWords } from './issue-words.ts';
import { nearest } from './nearest.ts';
import type { Problem } from './problem.ts';

export type Checked =
  | { ok: true; config: Config }
  /** `more`: how many other problems were found. */
  | { ok: false; problem: Problem; more: number };

const configSchema = configSchemaOf(kindsOf());

/** The schema first, then the rules that a schema cannot express. It never changes the value. */
export function checkConfig(value: unknown): Checked {
  const forbidden = forbiddenProblem(value);
  if (forbidden !== null) return { ok: false, problem: forbidden, more: 0 };
  const result = configSchema.safeParse(value);
  if (result.success) {
    const problem = gatewayProblem(result.data);
    return problem === null ? { ok: true, config: result.data } : { ok: false, problem, more: 0 };
  }
  const { issues } = result.error;
  const more = issues.reduce((sum, issue) => sum + count(issue), -1);
  const problem = issues[0]
    ? problemOf(issues[0], value)
    : { keys: [], message: 'not a valid config' };
  return { ok: false, problem, more: Math.max(0, more) };
}

type Issue = z.core.$ZodIssue;

/** The schema puts all unknown keys of one object into one issue. */
function count(issue: Issue): number {
  return issue.code === 'unrecognized_keys' ? issue.keys.length : 1;
}

function problemOf(issue: Issue, value: unknown): Problem {
  const keys = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return unknownKey(keys, issue.keys[0] ?? '');
  return { keys, message: issueWords(issue, keys.reduce<unknown>(below, value)) };
}

/**
 * Names the nearest known key at that level, else the first one that ends like it, or all of them. `path`: all that was
 * typed, which may go on behind the key.
 */
export function unknownKey(
  at: readonly string[],
  key: string,
  path: string = [...at, key].join('.'),
): Problem {
  const known = knownKeys(at);
  if (known.length === 0) return { keys: [...at, key], message: 'no keys are allowed here' };
  const name = nearest(key, known);
  const near = name === null ? longerName(path) : [...at, name].join('.');
  const suggestion =
    near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`;
  return { keys: [...at, key], message: `unknown key; ${suggestion}`, near };
}

/** As other programs name them. */
const otherNames: Readonly<Record<string, string>> = {
  max_cost: 'budget.call',
  default_model: 'defaults.chat.model',
};

/** `model` is `defaults.chat.model`. */
function longerName(path: string): string | undefined {
  const other = own(otherNames, path);
  return other ?? configNames([], '').find((name) => name.endsWith(`.${path}`));
}

function below(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** The problem as an error: file, path, what is wrong, and how many more there are. */
export function configError(
  { problem, more }: { problem: Problem; more: number },
  path: string,
  exit: ExitName = 'no_key',
): CliError {
  const place = problem.keys.length === 0 ? '' : `${placeWords(problem.keys)}: `;
  const rest = more === 0 ? '' : ` (and ${more} more problem${more === 1 ? '' : 's'})`;
  return new CliError(exit, redact(`${path}: ${place}${problem.message}${rest}`, null), {
    code: 'bad_config',
    next: problem.next,
  });
}

/** Dotted; a key that is not a plain word is shown as JSON, and a very long one is cut. */
function placeWords(keys: readonly string[]): string {
  const word = (key: string) =>
    /^[\w.:/@+-]{1,80}$/.test(key) ? key : JSON.stringify(key.slice(0, 80));
  return keys.map(word).join('.');
}
