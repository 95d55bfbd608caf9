/** The config file: every field that it may have. Unknown fields are errors. */
import * as z from 'zod/mini';
import { imageSizeShape } from './image-size.ts';

// What each is, where what was found is nothing of the kind. `issue-words.ts` puts `expected` before it.
const seconds = z
  .number('a number of seconds, more than 0 and at most 86400')
  .check(z.positive(), z.lte(86_400));
const name = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/));
const text = z.string().check(z.minLength(1));

/** As a text: a JSON number could lose its last digit. */
const usdWords = 'an amount of USD from 0, as a string such as "0.50"';
const usd = z.string(usdWords).check(z.regex(/^\d{1,12}(\.\d{1,12})?$/, usdWords));

const capsSchema = z.strictObject({
  /** For one call. */
  call: z.optional(usd),
  day: z.optional(usd),
  month: z.optional(usd),
});

const gatewaySchema = z.strictObject({
  /** The wire it speaks, one of those passed to `configSchemaOf`; a built-in gateway's name needs none. */
  kind: z.optional(text),
  base_url: z.optional(text),
  /** true: this `base_url` may be plain http to another machine, such as a server in the same cluster. */
  allow_http: z.optional(z.boolean()),
  /** The name of an environment variable that holds the key. */
  api_key_env: z.optional(text),
  /** An absolute path (or ~/…) of a file that holds the key. */
  api_key_file: z.optional(text),
  /** The origin that the key in the file was stored for, as `alltoken login` writes it; it is sent nowhere else. Absent: that of the base URL. */
  api_key_origin: z.optional(text),
  /** A program that prints the key: an array is run as it is, a string by the system's shell. */
  api_key_command: z.optional(z.union([text, z.array(text).check(z.minLength(1))])),
});

const environmentName = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/));

/** A server whose tools `chat --mcp` offers to a model: a program of this machine, or an address. */
const mcpServerSchema = z.strictObject({
  /** The program; it is run as it is, without a shell. */
  command: z.optional(text),
  args: z.optional(z.array(z.string())),
  /** Its environment beside HOME, PATH, TERM and the like. `${NAME}` stands for a variable of ours. */
  env: z.optional(z.record(environmentName, z.string())),
  /** Streamable http: https, or http on this machine. */
  url: z.optional(text),
  /** `${NAME}` stands for a variable of ours. */
  headers: z.optional(z.record(text, z.string())),
  /** The server's own names of the tools to offer; absent: all. */
  allow: z.optional(z.array(text)),
});

export const configSchema = z.strictObject({
  /** The gateway when neither -g nor ALLTOKEN_GATEWAY names one. */
  gateway: z.optional(name),
  gateways: z.optional(z.record(name, gatewaySchema)),
  defaults: z.optional(
    z.strictObject({
      chat: z.optional(
        z.strictObject({
          model: z.optional(text),
          system: z.optional(text),
          temperature: z.optional(z.number('a number from 0 to 2').check(z.gte(0), z.lte(2))),
          max_tokens: z.optional(z.int().check(z.positive())),
          fallback: z.optional(z.array(text)),
          /** false: no messages are saved without --session or --continue. */
          save: z.optional(z.boolean()),
        }),
      ),
      search: z.optional(
        z.strictObject({
          model: z.optional(text),
          max_tokens: z.optional(z.int().check(z.positive())),
        }),
      ),
      image: z.optional(
        z.strictObject({
          model: z.optional(text),
          size: z.optional(
            z.string().check(z.regex(imageSizeShape, 'auto, <width>x<height>, 2K or 16:9')),
          ),
          quality: z.optional(text),
          format: z.optional(z.enum(['png', 'jpeg', 'webp'])),
        }),
      ),
      video: z.optional(
        z.strictObject({
          model: z.optional(text),
          duration: z.optional(z.int()),
          ratio: z.optional(text),
          resolution: z.optional(text),
        }),
      ),
    }),
  ),
  /** Short names for -m and --fallback. */
  aliases: z.optional(z.record(text, text)),
  /** Seconds. */
  timeouts: z.optional(
    z.strictObject({
      connect: z.optional(seconds),
      first_byte: z.optional(seconds),
      idle: z.optional(seconds),
      comments: z.optional(seconds),
      total: z.optional(seconds),
    }),
  ),
  /** Caps in USD; a day and a month are of UTC. */
  budget: z.optional(z.extend(capsSchema, { tags: z.optional(z.record(name, capsSchema)) })),
  mcp: z.optional(z.strictObject({ servers: z.optional(z.record(name, mcpServerSchema)) })),
  render: z.optional(
    z.strictObject({
      /** auto: answers are laid out as markdown if stdout is a terminal. */
      markdown: z.optional(z.enum(['auto', 'always', 'never'])),
    }),
  ),
  max_retry_wait: z.optional(
    z.number('a number of seconds from 0 to 3600').check(z.gte(0), z.lte(3600)),
  ),
});

/** With the kinds of gateways that there are. */
export function configSchemaOf(kinds: readonly string[]) {
  const gateway = z.extend(gatewaySchema, { kind: z.optional(z.enum(kinds)) });
  return z.extend(configSchema, { gateways: z.optional(z.record(name, gateway)) });
}

export type Config = z.infer<typeof configSchema>;
export type McpServerConfig = z.infer<typeof mcpServerSchema>;
export type GatewayConfig = z.infer<typeof gatewaySchema>;
