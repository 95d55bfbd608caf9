/** What flags are made of: numbers, lists, `key=json`. Every bad value is an `InvalidArgumentError` of commander's. */
import { InvalidArgumentError } from 'commander';
import { lostNumber } from '../base/json.ts';

export interface Parameter {
  key: string;
  value: unknown;
}

/** Reads `key=json`, strictly: a bare word would be a typo as often as a string. `reserved` says why a key cannot be set so. */
export function parameterReader(
  reserved: Readonly<Record<string, string>>,
): (text: string, before: readonly Parameter[]) => Parameter {
  return (text, before) => readParameter(text, before, reserved);
}

function readParameter(
  text: string,
  before: readonly Parameter[],
  reserved: Readonly<Record<string, string>>,
): Parameter {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected key=json.');
  const key = text.slice(0, at);
  const why = Object.hasOwn(reserved, key) ? reserved[key] : undefined;
  if (why !== undefined) throw new InvalidArgumentError(`${key} cannot be set here: ${why}.`);
  if (before.some((parameter) => parameter.key === key))
    throw new InvalidArgumentError(`${key} is given twice.`);
  const json = text.slice(at + 1);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new InvalidArgumentError(
      `The value is not JSON; a text needs quotes: --param '${key}="${json}"'.`,
    );
  }
  const lost = lostNumber(json, value);
  // A limit beyond all numbers is none, and the caps say what that means.
  if (lost !== null && /^-?\d+$/.test(lost))
    throw new InvalidArgumentError(`The number ${lost} would be sent as another one.`);
  return { key, value };
}

/** Reads `name=text`; the text may be empty, and hold any characters. */
export function variableReader(
  text: string,
  before: readonly { key: string }[],
): { key: string; value: string } {
  const at = text.indexOf('=');
  const key = text.slice(0, Math.max(0, at));
  if (!/^[A-Za-z_][\w-]{0,63}$/.test(key)) throw new InvalidArgumentError('Expected name=text.');
  if (key === 'stdin') throw new InvalidArgumentError('stdin is what is piped in.');
  if (before.some((one) => one.key === key))
    throw new InvalidArgumentError(`${key} is given twice.`);
  return { key, value: text.slice(at + 1) };
}

/** A number between the limits, both included. */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < low || value > high)
      throw new InvalidArgumentError(`Expected a number from ${low} to ${high}.`);
    return value;
  };
}

/** A whole number that is exact in JSON. */
export function wholeNumber(low: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < low)
      throw new InvalidArgumentError(
        `Expected a whole number${low > Number.MIN_SAFE_INTEGER ? ` from ${low}` : ''}.`,
      );
    return value;
  };
}

/** A whole number between the limits, both included. */
export function wholeNumberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`Expected a whole number from ${low} to ${high}.`);
    return value;
  };
}

/** Names with commas between. */
export function commaList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw new InvalidArgumentError('Expected names with commas between.');
  return items;
}
