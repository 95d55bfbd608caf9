/** Reads one line of the input, and makes the body of its request. Pure: the same line and flags make the same body. */
import { asObject, isRecord, type JsonObject, lostNumber, oneLine } from '../base/json.ts';
import type { Gateway } from '../gateways/types.ts';
import { together } from '../work/ask/body.ts';
import { fill, gapsIn } from '../work/ask/gaps.ts';
import { fieldsOf } from './request-fields.ts';

/** What the flags that change requests say. */
export interface CommonRequest {
  /** -m as typed. */
  model?: string | undefined;
  param: readonly { key: string; value: unknown }[];
  /** The path of a JSON Schema. */
  schema?: string | undefined;
  /** A prompt with gaps. */
  prompt?: string | undefined;
  /** The name of a template. */
  template?: string | undefined;
  /** A line is a prompt, not JSON. */
  text: boolean;
}

/** The same for all lines. */
export interface RequestPlan {
  /** -m, with aliases and `auto:` resolved; null: each line's own, or the default. */
  fixedModel: string | null;
  defaultModel: string | null;
  aliased(model: string): string;
  param: readonly { key: string; value: unknown }[];
  schema: JsonObject | null;
  /** What the system message must add where the gateway takes no schema. */
  instruction: string | null;
  system: string | null;
  /** A prompt with gaps; null: lines bring their own. */
  prompt: string | null;
  /** Of a template, below `param`. */
  params: JsonObject;
  isText: boolean;
  gateway: Gateway;
}

/** Why a line can be no request: its `error` in the output. */
export interface LineFault {
  code: string;
  message: string;
  /** Of the line, such as --prompt can name. */
  fields?: readonly string[];
}

export interface LineRequest {
  model: string;
  body: Record<string, unknown>;
}

export interface Entry {
  /** null: the line is known by its number. */
  customId: string | null;
  request: LineRequest | LineFault;
  /** Names of fields of a request that are in no place of one, so that they are not sent; absent: none. */
  left?: readonly string[];
}

const MAX_ID_LENGTH = 1000;

/** Fields of a body that are ours: an answer is streamed, for its cost and for a limit on silence, and there is one. */
const ours = ['model', 'messages', 'stream', 'stream_options', 'n'];

const severalAnswers = fault('unsupported_n', 'n is not 1: there is one answer a line');

export function isFault(request: LineRequest | LineFault): request is LineFault {
  return 'code' in request;
}

/** `text`: the line. It never throws. */
export function readEntry(text: string, plan: RequestPlan): Entry {
  if (plan.isText) {
    const request =
      plan.prompt === null ? fromPrompt(text, null, {}, plan) : fromValues({ text }, null, plan);
    return { customId: null, request };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { customId: null, request: fault('not_json', 'the line is not JSON') };
  }
  const line = asObject(json);
  if (line === null)
    return { customId: null, request: fault('not_an_object', 'the line is not a JSON object') };
  const { custom_id: id } = line;
  if (id === undefined || id === null)
    return { customId: null, ...exactRequestOf(line, text, plan) };
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH)
    return {
      customId: null,
      request: fault(
        'bad_custom_id',
        `custom_id is not a text of 1 to ${MAX_ID_LENGTH} characters`,
      ),
    };
  return { customId: id, ...exactRequestOf(line, text, plan) };
}

/** A seed or an id that would arrive as another number is not sent. */
function exactRequestOf(
  line: JsonObject,
  text: string,
  plan: RequestPlan,
): Pick<Entry, 'request' | 'left'> {
  const { prompt } = plan;
  const { sent, left } = prompt === null ? fieldsOf(line) : { sent: {}, left: [] };
  const used =
    prompt === null ? [line.body, line.messages, sent] : gapsIn(prompt).map((n) => line[n]);
  const lost = lostNumber(text, used);
  if (lost === null)
    return { request: requestOf(line, sent, plan), ...(left.length > 0 && { left }) };
  return {
    request: fault(
      'inexact_number',
      `the number ${lost} would be sent as another one; write it as a text`,
    ),
  };
}

/** `fields`: of the line, for the body. */
function requestOf(
  line: JsonObject,
  fields: JsonObject,
  plan: RequestPlan,
): LineRequest | LineFault {
  const model = line.model ?? null;
  if (model !== null && (typeof model !== 'string' || model === ''))
    return fault('bad_model', 'model is not a text');
  if (plan.prompt !== null) return fromValues(line, model, plan);
  if (line.body !== undefined) return fromBatchLine(line, plan);
  const { messages, prompt, system = null, n = 1 } = line;
  if (messages !== undefined || typeof prompt === 'string') {
    if (system !== null && typeof system !== 'string')
      return fault('bad_system', 'system is not a text');
    if (n !== 1 && n !== null) return severalAnswers;
    const own = { ...plan, system: system ?? plan.system };
    return typeof prompt === 'string' && messages === undefined
      ? fromPrompt(prompt, model, fields, own)
      : fromMessages(messages, model, fields, own);
  }
  return {
    ...fault('no_prompt', `the line has none of body, messages and prompt${itHas(line)}`),
    fields: gapFields(line),
  };
}

/** As OpenAI's Batch API takes it. */
function fromBatchLine(
  { method, url, body, model: beside = null }: JsonObject,
  plan: RequestPlan,
): LineRequest | LineFault {
  const fields = asObject(body);
  if (fields === null) return fault('bad_body', 'body is not an object');
  if (method !== undefined && method !== 'POST')
    return fault('unsupported_method', 'method is not POST');
  if (url !== undefined && url !== '/v1/chat/completions' && url !== '/chat/completions')
    return fault('unsupported_url', 'url is not /v1/chat/completions');
  const { n = 1 } = fields;
  const model = fields.model ?? beside;
  if (model !== null && (typeof model !== 'string' || model === ''))
    return fault('bad_model', 'model is not a text');
  if (n !== 1 && n !== null) return severalAnswers;
  const others = Object.entries(fields).filter(([name]) => !ours.includes(name));
  return fromMessages(fields.messages, model, Object.fromEntries(others), plan);
}

function fromPrompt(
  prompt: string,
  model: string | null,
  fields: JsonObject,
  plan: RequestPlan,
): LineRequest | LineFault {
  if (prompt.trim() === '') return fault('no_prompt', 'the prompt is empty');
  return withBody([{ role: 'user', content: prompt }], model, fields, plan);
}

function fromMessages(
  messages: unknown,
  model: string | null,
  fields: JsonObject,
  plan: RequestPlan,
): LineRequest | LineFault {
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isRecord))
    return fault('no_messages', 'messages is not a list of objects with at least one');
  return withBody(messages, model, fields, plan);
}

/** A template of which the line fills the gaps. */
function fromValues(
  line: JsonObject,
  model: string | null,
  plan: RequestPlan,
): LineRequest | LineFault {
  const prompt = plan.prompt ?? '';
  const values: Record<string, string> = {};
  const missing: string[] = [];
  const empty: string[] = [];
  for (const name of gapsIn(prompt)) {
    const value = Object.hasOwn(line, name) ? line[name] : undefined;
    if (value === undefined) missing.push(name);
    else if (value === null) empty.push(name);
    else values[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  const nulls =
    empty.length === 0 ? [] : [`${empty.join(', ')} ${empty.length > 1 ? 'are' : 'is'} null`];
  if (missing.length > 0) {
    const words = [`the line has no ${missing.join(', ')}${itHas(line)}`, ...nulls].join('; ');
    return { ...fault('missing_variable', words), fields: gapFields(line) };
  }
  if (nulls.length > 0) return fault('missing_variable', nulls.join(''));
  return fromPrompt(fill(prompt, values), model, {}, plan);
}

function withBody(
  messages: readonly unknown[],
  own: string | null,
  fields: JsonObject,
  plan: RequestPlan,
): LineRequest | LineFault {
  const named = own === null ? plan.defaultModel : plan.aliased(own);
  const model = plan.fixedModel ?? named;
  if (model === null)
    return fault('no_model', `the line names no model, and ${plan.gateway.label} has no default`);
  const added = together([plan.system, plan.instruction]);
  const body: Record<string, unknown> = {
    model,
    messages: added === '' ? messages : [{ role: 'system', content: added }, ...messages],
    ...fields,
    stream: true,
    // Without it a stream has no token counts.
    stream_options: { include_usage: true },
    ...plan.params,
    ...formatOf(plan),
  };
  for (const { key, value } of plan.param) {
    if (value === null) delete body[key];
    else body[key] = value;
  }
  return { model, body };
}

function formatOf({ schema, gateway }: RequestPlan): JsonObject {
  if (schema === null) return {};
  if (gateway.chat.structuredOutput !== 'json_schema')
    return { response_format: { type: 'json_object' } };
  return {
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
  };
}

/** The names that a prompt can use, so many of them that a mistyped one is seen. */
function itHas(line: JsonObject): string {
  const names = Object.keys(line)
    .slice(0, 8)
    .map((name) => oneLine(name).slice(0, 40));
  return names.length === 0 ? '' : `; it has ${names.join(', ')}`;
}

/** Texts first. */
function gapFields(line: JsonObject): string[] {
  const names = Object.keys(line).filter(
    (name) => name !== 'custom_id' && line[name] !== null && gapsIn(`{{${name}}}`)[0] === name,
  );
  const isText = (name: string): boolean => typeof line[name] === 'string';
  return [...names.filter(isText), ...names.filter((name) => !isText(name))];
}

function fault(code: string, message: string): LineFault {
  return { code, message };
}
