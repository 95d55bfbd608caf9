/** The config of an agent with its defaults. A wrong one is told at once, before anything is sent. */

import { isRecord } from '../base/json.ts';
import { isSessionName } from '../config/session-name.ts';
import { isTag, MAX_TAGS } from '../config/tags.ts';
import { usageError } from './failure.ts';
import type { AgentConfig, Hooks } from './types.ts';

export interface Options {
  readonly apiKey: string | null;
  /** null: that of the gateway. */
  readonly model: string | null;
  readonly maxSteps: number;
  readonly temperature: number | null;
  readonly enableSearch: boolean;
  readonly gateway: string | undefined;
  readonly baseUrl: string | undefined;
  readonly maxCost: string | null;
  readonly tags: readonly string[];
  readonly session: string | null;
  readonly fallback: readonly string[];
  readonly maxTokens: number | null;
  readonly signal: AbortSignal | null;
  readonly stopWhen: AgentConfig['stopWhen'];
  readonly approve: NonNullable<AgentConfig['approve']>;
  readonly hooks: Hooks;
  readonly parallelTools: number;
  readonly toolTimeoutMs: number;
  /** How many agents are above this one. */
  readonly depth: number;
}

export const USUAL_INSTRUCTIONS = 'You are a helpful assistant.';

const MOST_STEPS = 10_000;
const MOST_PARALLEL = 64;
/** A day. */
const MOST_TOOL_MS = 86_400_000;

/** Throws `AllTokenError` usage. */
export function readOptions(config: AgentConfig): Options {
  checkKinds(config);
  const tags = typeof config.tag === 'string' ? [config.tag] : [...(config.tag ?? [])];
  const bad = tags.find((tag) => !isTag(tag));
  if (bad !== undefined || tags.length > MAX_TAGS)
    throw wrong(
      'tag',
      'letters, digits, dots, dashes and underscores, at most 64; at most 16 of them',
    );
  const { session = null, maxCost = null, temperature = 0.7, approve = 'ask' } = config;
  if (session !== null && !isSessionName(session))
    throw wrong('session', '1 to 64 letters, digits, dots, dashes or underscores');
  if (maxCost !== null && !/^\d{1,12}(\.\d{1,12})?$/.test(String(maxCost)))
    throw wrong('maxCost', "an amount in USD as text, such as '0.05'");
  if (temperature !== null && !(temperature >= 0 && temperature <= 2))
    throw wrong('temperature', 'a number from 0 to 2, or null');
  if (typeof approve !== 'function' && !['auto', 'ask', 'deny'].includes(approve))
    throw wrong('approve', "'auto', 'ask', 'deny' or a function");
  return {
    apiKey: config.apiKey ?? null,
    model: config.model ?? null,
    maxSteps: count('maxSteps', config.maxSteps, 5, MOST_STEPS),
    temperature,
    enableSearch: config.enableSearch ?? false,
    gateway: config.gateway,
    baseUrl: config.baseURL,
    maxCost: maxCost === null ? null : String(maxCost),
    tags,
    session,
    fallback: config.fallback ?? [],
    maxTokens:
      config.maxTokens === undefined
        ? null
        : count('maxTokens', config.maxTokens, 1, Number.MAX_SAFE_INTEGER),
    signal: config.signal ?? null,
    stopWhen: config.stopWhen,
    approve,
    hooks: config.hooks ?? {},
    parallelTools: count('parallelTools', config.parallelTools, 4, MOST_PARALLEL),
    toolTimeoutMs: toolMs('toolTimeoutMs', config.toolTimeoutMs),
    depth: 0,
  };
}

/** How long a tool may take. Throws `AllTokenError` usage for what no timer can hold. */
export function toolMs(name: string, value: number | undefined): number {
  return count(name, value, 60_000, MOST_TOOL_MS);
}

type Kind = readonly [expected: string, fits: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';
const isCallable = (value: unknown): boolean => typeof value === 'function';
const textKind: Kind = ['text', isText];
const textsKind: Kind = ['a list of texts', (value) => Array.isArray(value) && value.every(isText)];

/** What each field must be, where it is given. Those that are checked by value are not here. */
const kinds: Readonly<Record<string, Kind>> = {
  apiKey: textKind,
  model: textKind,
  instructions: textKind,
  gateway: textKind,
  baseURL: textKind,
  session: textKind,
  temperature: ['a number from 0 to 2, or null', (value) => typeof value === 'number'],
  enableSearch: ['true or false', (value) => typeof value === 'boolean'],
  tag: ['text, or a list of texts', (value) => isText(value) || textsKind[1](value)],
  fallback: textsKind,
  tools: ['a list of tools', Array.isArray],
  stopWhen: ['a function', isCallable],
  signal: ['an AbortSignal', (value) => value instanceof AbortSignal],
  hooks: [
    'an object of functions',
    (value) =>
      isRecord(value) && Object.values(value).every((hook) => hook == null || isCallable(hook)),
  ],
};

function checkKinds(config: unknown): void {
  if (!isRecord(config)) throw wrong('the config of an agent', 'an object');
  for (const [name, [expected, fits]] of Object.entries(kinds)) {
    const value = config[name];
    if (value != null && !fits(value)) throw wrong(name, expected);
  }
}

function count(name: string, value: number | undefined, usual: number, most: number): number {
  if (value === undefined) return usual;
  if (!Number.isSafeInteger(value) || value < 1 || value > most)
    throw wrong(name, `a whole number from 1 to ${most}`);
  return value;
}

function wrong(name: string, expected: string) {
  return usageError(`${name}: expected ${expected}`, 'bad_option');
}
