/** What a field of a request may hold, as rules with a name for what is wanted. It looks at one field at a time and keeps nothing. */

import type { JsonObject } from '../base/json.ts';
import { invalid } from './envelope.ts';

export interface Rule {
  allows(value: unknown): boolean;
  /** Follows "<field> must be". */
  wanted: string;
}

export type Rules = Readonly<Record<string, Rule>>;

export const flag: Rule = {
  allows: (value) => typeof value === 'boolean',
  wanted: 'true or false',
};

export const text: Rule = { allows: (value) => typeof value === 'string', wanted: 'a string' };

/** Throws Rejection (400) for the first field that holds what it may not; null counts as absent. */
export function checkFields(fields: JsonObject, rules: Rules): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = fields[name];
    if (value === undefined || value === null || rule.allows(value)) continue;
    throw invalid(name, `${name} must be ${rule.wanted}.`);
  }
}

export function numberIn(low: number, high: number): Rule {
  return {
    allows: (value) => typeof value === 'number' && value >= low && value <= high,
    wanted: `a number from ${low} to ${high}`,
  };
}

export function wholeNumberFrom(low: number): Rule {
  return {
    allows: (value) => typeof value === 'number' && Number.isInteger(value) && value >= low,
    wanted: `a whole number, at least ${low}`,
  };
}

export function wholeNumberIn(low: number, high: number): Rule {
  return {
    allows: (value) => Number.isInteger(value) && numberIn(low, high).allows(value),
    wanted: `a whole number from ${low} to ${high}`,
  };
}

export function oneOf(words: readonly string[]): Rule {
  return {
    allows: (value) => typeof value === 'string' && words.includes(value),
    wanted: `one of ${words.join(', ')}`,
  };
}
