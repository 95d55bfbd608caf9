/** The request body of a chat call, from options and messages. Pure: no file, no clock, no network. */
import { CliError } from '../../base/errors.ts';
import { isRecord } from '../../base/json.ts';
import type { ChatFeatures, Gateway } from '../../gateways/types.ts';
import type { AskOptions } from './options.ts';

export interface WireMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: unknown;
}

export interface BodyParts {
  messages: readonly WireMessage[];
  /** The JSON Schema of `--schema`, parsed. */
  schema: Readonly<Record<string, unknown>> | null;
  temperature: number | undefined;
  maxTokens: number | undefined;
  /** Definitions of tools; absent without any. */
  tools?: readonly object[];
}

/** Throws `CliError` usage when a `--param` repeats what a flag sets. `null` leaves a field out, also one that a flag or we set. */
export function chatBody(
  model: string,
  options: AskOptions,
  parts: BodyParts,
  gateway: Gateway,
): Record<string, unknown> {
  const body: Record<string, unknown> = {
    model,
    messages: parts.messages,
    stream: options.stream,
    // Without it a stream has no token counts.
    ...(options.stream ? { stream_options: { include_usage: true } } : {}),
    ...(parts.temperature === undefined ? {} : { temperature: parts.temperature }),
    ...(options.topP === undefined ? {} : { top_p: options.topP }),
    ...(parts.maxTokens === undefined ? {} : { max_tokens: parts.maxTokens }),
    ...(options.stop.length === 0 ? {} : { stop: options.stop }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.thinking === undefined ? {} : { thinking: true }),
    ...(typeof options.thinking === 'number' ? { thinking_budget: options.thinking } : {}),
    ...(options.search ? { enable_search: true } : {}),
    ...(parts.tools === undefined || parts.tools.length === 0 ? {} : { tools: parts.tools }),
    ...responseFormat(options, parts.schema, gateway.chat),
  };
  for (const { key, value } of options.param) {
    if (value === null) {
      delete body[key];
      continue;
    }
    if (Object.hasOwn(body, key) && key !== 'stream_options')
      throw new CliError('usage', `--param ${key}: a flag or the config already sets it`, {
        code: 'param_twice',
      });
    body[key] = merged(body[key], value);
  }
  return body;
}

/** Into an object of ours as RFC 7396 has it, where null leaves a member out; in any other value null is sent. */
function merged(ours: unknown, value: unknown): unknown {
  if (!isRecord(ours) || !isRecord(value)) return value;
  const members = Object.entries({ ...ours, ...value });
  return Object.fromEntries(members.filter(([, member]) => member !== null));
}

function responseFormat(
  options: AskOptions,
  schema: BodyParts['schema'],
  features: ChatFeatures,
): Record<string, unknown> {
  if (schema !== null && features.structuredOutput === 'json_schema')
    return {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', strict: true, schema },
      },
    };
  return schema !== null || options.jsonObject ? { response_format: { type: 'json_object' } } : {};
}

/** What the system message must add if the gateway does not accept a schema itself; null if nothing. */
export function schemaInstruction(
  schema: BodyParts['schema'],
  features: ChatFeatures,
): string | null {
  if (schema === null || features.structuredOutput === 'json_schema') return null;
  return `Answer with one JSON value that is valid against this JSON Schema, and with nothing else:\n${JSON.stringify(schema)}`;
}

/** The parts of a system message, with an empty line between; '' where all are absent or empty. */
export function together(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join('\n\n');
}

/** Refuses, before anything is sent, options that the gateway does not support. */
export function checkFeatures(options: AskOptions, gateway: Gateway): void {
  if (options.thinking !== undefined && !gateway.chat.thinking)
    throw new CliError('usage', `${gateway.label} has no --thinking; nothing was sent`, {
      code: 'unsupported',
      next: [
        { do: 'leave-out', flag: '--thinking' },
        {
          do: 'set-flag',
          flag: '--param',
          value: 'reasoning_effort="high"',
          why: 'pass a parameter that the server supports',
        },
      ],
    });
}
