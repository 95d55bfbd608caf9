/** Describes what a schema expected. It repeats no string from the config, since it may be a secret. */
import type * as z from 'zod/mini';
import { config } from 'zod/mini';

type Issue = z.core.$ZodIssue;

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** For example `expected a number, found a string`. `value` is the value at the path of the issue. */
export function issueWords(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_key') {
    return 'a name may contain letters, digits, dots, dashes and underscores, begins with a letter or digit and has at most 64 characters';
  }
  // A text that is no such text was a text: that it was found says nothing.
  const isText = typeof value === 'string' && value !== '';
  if (isText && (issue.code === 'invalid_format' || issue.code === 'invalid_value'))
    return `expected ${expectation(issue, value)}, found other text`;
  return `expected ${expectation(issue, value)}, found ${kindOf(value)}`;
}

function expectation(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return ownWords(issue, value) ?? types[issue.expected] ?? issue.expected;
    case 'too_small':
      return limit(
        issue.origin,
        issue.inclusive === false ? 'more than' : 'at least',
        issue.minimum,
      );
    case 'too_big':
      return limit(
        issue.origin,
        issue.inclusive === false ? 'less than' : 'at most',
        issue.maximum,
      );
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return ownWords(issue, value) ?? 'a name of letters, digits, dots, dashes and underscores';
    case 'invalid_union':
      return [...new Set(issue.errors.flat().map((one) => expectation(one, value)))].join(' or ');
    default:
      return 'something else';
  }
}

type WithWords = Extract<Issue, { code: 'invalid_format' | 'invalid_type' }>;

/** The schema's own message; null for the library's default message, which quotes the pattern. */
function ownWords(issue: WithWords, value: unknown): string | null {
  return ['', 'Invalid input', libraryWords(issue, value)].includes(issue.message)
    ? null
    : issue.message;
}

/** The library's default message, also when a locale was loaded into it by another user of it. */
function libraryWords(issue: WithWords, input: unknown): string {
  const raw = issue.code === 'invalid_type' ? { ...issue, input } : { ...issue, input: undefined };
  const words = config().localeError?.(raw);
  return typeof words === 'string' ? words : (words?.message ?? '');
}

function limit(origin: string, words: string, bound: number | bigint): string {
  if (origin === 'string') return 'a non-empty string';
  if (origin === 'array') return 'a non-empty list';
  return `a number of ${words} ${bound}`;
}

function kindOf(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (value === '') return 'an empty string';
  if (typeof value === 'string') return 'a string';
  if (!Array.isArray(value)) return value === undefined ? 'nothing' : 'an object';
  return value.length === 0 ? 'an empty list' : 'a list';
}
