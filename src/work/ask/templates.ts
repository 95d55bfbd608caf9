/** Templates: prompts with gaps, kept as JSON files beside the config. It fills the gaps once, and never looks into what it puts there. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { asObject, type JsonObject } from '../../base/json.ts';
import { type NextStep, nearOrAll, say } from '../../base/next-step.ts';
import { decodeText } from '../../config/decode-text.ts';
import { findJsonFault } from '../../config/json-fault.ts';
import { nearest } from '../../config/nearest.ts';
import { findPlaces } from '../../config/places.ts';
import { reservedFields } from '../../flags/ask-flags.ts';
import { gapsIn, STDIN } from './gaps.ts';
import type { AskOptions, Prepared } from './options.ts';

type TemplateDeps = Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory' | 'files'>;

const SUFFIX = '.json';
const MAX_BYTES = 1024 * 1024;
const isName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** As it stands in its file. */
export interface Template {
  system: string | null;
  prompt: string | null;
  model: string | null;
  params: JsonObject;
  schema: JsonObject | null;
}

/** All names, sorted; [] where there is no directory. */
export async function templateNames(deps: TemplateDeps): Promise<string[]> {
  const names = await deps.files.list(findPlaces(deps).templates).catch(() => []);
  return names
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .filter((name) => isName.test(name))
    .sort();
}

/**
 * The options with what the template adds; what the command line says wins. Throws `CliError` usage for an unknown
 * template, one that is not valid, and a gap that no --var fills.
 */
export async function withTemplate(options: AskOptions, deps: TemplateDeps): Promise<AskOptions> {
  const { template: name, var: vars = [] } = options;
  if (name === undefined) {
    const [first] = vars;
    if (first === undefined) return options;
    throw new CliError('usage', `--var ${first.key}: no template is named`, {
      code: 'no_template',
      next: await namesStep(null, deps),
    });
  }
  const template = await readTemplate(name, deps);
  const values = Object.fromEntries(vars.map(({ key, value }) => [key, value]));
  const gaps = template.prompt === null ? [] : gapsIn(template.prompt);
  const missing = gaps.filter((one) => one !== STDIN && !Object.hasOwn(values, one));
  if (missing.length > 0)
    throw new CliError('usage', `template ${name}: no value for ${missing.join(', ')}`, {
      code: 'missing_variable',
      next: missing.map((one) => ({ do: 'set-flag', flag: '--var', fill: `${one}=<text>` })),
    });
  const unused = vars.find(({ key }) => !gaps.includes(key));
  if (unused !== undefined)
    throw new CliError('usage', `--var ${unused.key}: template ${name} has no {{${unused.key}}}`, {
      code: 'unknown_variable',
      next: nearOrAllVariables(unused.key, gaps),
    });
  const prepared: Prepared = {
    system: template.system,
    prompt: template.prompt === null ? null : { text: template.prompt, values },
    model: template.model,
    schema: options.schema === undefined && !options.jsonObject ? template.schema : null,
  };
  return { ...options, ...paramsOf(template.params, options), prepared };
}

/** What the template has instead. */
function nearOrAllVariables(key: string, gaps: readonly string[]): NextStep {
  const known = gaps.filter((gap) => gap !== STDIN);
  if (known.length === 0) return { do: 'leave-out', flag: '--var' };
  return nearOrAll(nearest(key, known), known);
}

/** Those that no flag sets; the two that caps look at as if their flags were given. */
function paramsOf(
  params: JsonObject,
  options: AskOptions,
): Pick<AskOptions, 'param'> & Partial<AskOptions> {
  const { temperature, maxTokens, topP, seed, thinking, search, stop, schema, jsonObject } =
    options;
  const given: Readonly<Record<string, unknown>> = {
    temperature,
    max_tokens: maxTokens,
    top_p: topP,
    seed,
    thinking,
    thinking_budget: thinking,
    enable_search: search,
    stop: stop[0],
    response_format: schema ?? jsonObject,
  };
  const isGiven = (key: string): boolean =>
    (Object.hasOwn(given, key) && given[key] !== undefined) ||
    options.param.some((one) => one.key === key);
  const left = Object.entries(params).filter(([key]) => !isGiven(key));
  const numbers: Partial<AskOptions> = {};
  const param = left.flatMap(([key, value]) => {
    const isFlag = typeof value === 'number' && (key === 'temperature' || key === 'max_tokens');
    if (!isFlag) return [{ key, value }];
    Object.assign(numbers, key === 'temperature' ? { temperature: value } : { maxTokens: value });
    return [];
  });
  return { ...numbers, param: [...param, ...options.param] };
}

/** Throws `CliError` usage for an unknown template, and for one that is not valid. */
export async function readTemplate(name: string, deps: TemplateDeps): Promise<Template> {
  const file = deps.path.join(findPlaces(deps).templates, `${name}${SUFFIX}`);
  if (!isName.test(name)) throw await unknown(name, deps);
  let bytes: Uint8Array;
  try {
    bytes = await deps.files.read(file, MAX_BYTES);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw await unknown(name, deps);
    throw bad(`cannot read ${file}: ${inPlainWords(error)}`);
  }
  const decoded = decodeText(bytes);
  if ('fault' in decoded) throw bad(`${file}: ${decoded.fault}`);
  return checkTemplate(parse(decoded.text, file), file);
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const fault = findJsonFault(text);
    const where =
      fault === null ? '' : `, line ${fault.line}, column ${fault.column}: ${fault.reason}`;
    throw bad(`${file}: not JSON${where}`);
  }
}

const keys = ['system', 'prompt', 'model', 'params', 'schema'] as const;

function checkTemplate(value: unknown, file: string): Template {
  const fields = asObject(value);
  if (fields === null) throw bad(`${file}: expected an object`);
  const odd = Object.keys(fields).find((key) => !keys.some((known) => known === key));
  if (odd !== undefined) {
    const near = nearest(odd, keys);
    const words = near === null ? `known keys: ${keys.join(', ')}` : `did you mean "${near}"?`;
    throw bad(`${file}: unknown key ${JSON.stringify(odd.slice(0, 80))}; ${words}`);
  }
  const text = (key: 'system' | 'prompt' | 'model'): string | null => {
    const found = fields[key] ?? null;
    if (found === null || typeof found === 'string') return found;
    throw bad(`${file}: ${key}: expected a string`);
  };
  const object = (key: 'params' | 'schema'): JsonObject | null => {
    const found = fields[key] ?? null;
    const json = asObject(found);
    if (found === null || json !== null) return json;
    throw bad(`${file}: ${key}: expected an object`);
  };
  const params = object('params') ?? {};
  const reserved = Object.keys(params).find((key) => Object.hasOwn(reservedFields, key));
  if (reserved !== undefined) throw bad(`${file}: params.${reserved} cannot be set here`);
  const { temperature = null, max_tokens: limit = null } = params;
  const isWhole = typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0;
  if (limit !== null && !isWhole)
    throw bad(`${file}: params.max_tokens: expected a whole number from 1`);
  const isHeat = typeof temperature === 'number' && temperature >= 0 && temperature <= 2;
  if (temperature !== null && !isHeat)
    throw bad(`${file}: params.temperature: expected a number from 0 to 2`);
  return {
    system: text('system'),
    prompt: text('prompt'),
    model: text('model'),
    params,
    schema: object('schema'),
  };
}

function bad(message: string): CliError {
  return new CliError('usage', message, { code: 'bad_template' });
}

async function unknown(name: string, deps: TemplateDeps): Promise<CliError> {
  const shown = JSON.stringify(name.slice(0, 80));
  return new CliError('usage', `there is no template ${shown}`, {
    code: 'unknown_template',
    next: await namesStep(name, deps),
  });
}

/** `name`: one that there is not; null: none was given. */
async function namesStep(name: string | null, deps: TemplateDeps): Promise<NextStep> {
  const known = await templateNames(deps);
  return known.length === 0
    ? say(
        `a template is a JSON file in ${findPlaces(deps).templates}, such as summary.json with {"prompt":"Summarise: {{stdin}}"}`,
      )
    : nearOrAll(name === null ? null : nearest(name, known), known);
}
