import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/base/errors.ts';
import { commands } from '../../src/cli/command-list.ts';
import { completeWords } from '../../src/cli/completion/words.ts';
import { describeCommand } from '../../src/cli/tree.ts';
import type { Context } from '../../src/flags/context.ts';
import { factsOf, namesPath } from '../../src/flags/flag-option.ts';
import { checkInput, declaredOptions } from '../../src/frontends/mcp/line.ts';
import { Orders } from '../../src/frontends/mcp/orders.ts';
import { tools } from '../../src/frontends/mcp/tools.ts';
import { declaringContext } from '../helpers/declaring.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';

/** Every command with its words, also those below others. */
async function allCommands(context: Context): Promise<{ name: string; command: Command }[]> {
  const withBelow = (command: Command, name: string): { name: string; command: Command }[] => [
    { name, command },
    ...command.commands.flatMap((below) => withBelow(below, `${name} ${below.name()}`)),
  ];
  const declared = await Promise.all([...commands.keys()].map((name) => context.declare(name)));
  return declared.flatMap((command) =>
    command === null ? [] : withBelow(command, command.name()),
  );
}

/** With a list of models and an alias, so that the Tab key has something to offer. */
function declaring(): Context {
  const world = fakeDeps();
  world.write('config.json', JSON.stringify({ aliases: { fast: 'gpt-5.4-nano' } }));
  mkdirSync(join(world.home, 'cache'));
  const models = [{ id: 'gpt-7', kind: 'chat' }];
  const list = { v: 1, base_url: 'https://api.alltoken.ai/v1', fetched_at: 1, models };
  world.write('cache/models-alltoken.json', JSON.stringify(list));
  return declaringContext(world.deps);
}

/** The same option of several commands stands once, with all of them. */
function rows(found: readonly { name: string; option: Option }[]): string[] {
  const users = new Map<string, string[]>();
  for (const { name, option } of found) {
    const { names, dash, callerOnly, once, repeatable } = factsOf(option);
    const whose = callerOnly ? ', of the caller' : '';
    const often = once ? ', once' : repeatable ? ', repeatable' : '';
    const facts = `${names ?? '-'}${dash === undefined ? '' : `, - is ${dash}`}${often}${whose}`;
    const row = `${option.flags}: ${facts}`;
    users.set(row, [...(users.get(row) ?? []), name]);
  }
  const isShared = (names: readonly string[]): boolean => names.length > 6;
  return [...users]
    .map(([row, names]) => `${row} (${isShared(names) ? 'shared' : names.join(', ')})`)
    .sort();
}

describe('the facts of flags', () => {
  test('are there for every value that is a path, an address, a text, a model or a gateway', async () => {
    const found = (await allCommands(declaring())).flatMap(({ name, command }) =>
      command.options.map((option) => ({ name, option })),
    );
    const withValue = found.filter(({ option }) => option.required || option.optional);
    expect(rows(withValue)).toMatchInlineSnapshot(`
      [
        "--adopt <task-id>: - (tasks resume)",
        "--agent [module]: file, once (serve)",
        "--allow-host <name>: -, repeatable (serve)",
        "--background <word>: - (image)",
        "--base-url <url>: address (shared)",
        "--by <what>: - (cost)",
        "--cache-write <tokens>: - (cost)",
        "--cached <tokens>: - (cost)",
        "--call-timeout <seconds>: - (mcp)",
        "--callback-url <url>: address (video)",
        "--compression <number>: - (image)",
        "--concurrency <count>: - (batch)",
        "--connect-timeout <seconds>: - (shared)",
        "--cors <origin>: -, repeatable (serve)",
        "--dir <path>: directory (skills list, skills install)",
        "--duration <seconds>: - (video)",
        "--fallback <ids>: models (chat, serve, run)",
        "--fault <name>: -, repeatable (sandbox)",
        "--filter <text>: text (models)",
        "--first-byte-timeout <seconds>: - (shared)",
        "--first-frame <file|url>: file or address, once (video)",
        "--format <format>: - (image)",
        "--hold <seconds>: - (shared)",
        "--host <address>: - (serve)",
        "--host <host>: -, repeatable (skills list, skills install, mcp install)",
        "--idle-timeout <seconds>: - (shared)",
        "--image <file>: file, repeatable (image)",
        "--last-frame <file|url>: file or address, once (video)",
        "--last-frame-out <file>: file (video)",
        "--limit <count>: - (batch)",
        "--limit <number>: - (models, cost, tasks list, sessions list, sessions search)",
        "--mask <file>: file, once (image)",
        "--max-body <bytes>: - (serve)",
        "--max-cost <usd>: - (shared)",
        "--max-errors <count>: - (batch)",
        "--max-retry-wait <seconds>: - (shared)",
        "--max-sessions <number>: - (serve)",
        "--max-steps <count>: - (chat)",
        "--max-tokens <count>: - (chat, search)",
        "--mcp <name>: mcp server, repeatable, of the caller (chat)",
        "--model-allow <pattern>: -, repeatable (serve, run)",
        "--moderation <word>: - (image)",
        "--name <name>: - (init)",
        "--on-disconnect <how>: - (serve, run)",
        "--param <key=json>: text, repeatable (chat, image, video, search, batch)",
        "--port <number>: - (serve, sandbox)",
        "--prompt <text>: text (batch)",
        "--providers [id]: - (models)",
        "--quality <word>: - (image)",
        "--ratio <ratio>: - (video)",
        "--reasoning <tokens>: - (cost)",
        "--reference <file|url>: file or address, repeatable (video)",
        "--report <file>: file (config doctor)",
        "--resolution <name>: - (video)",
        "--schema <file>: file (chat, search, batch)",
        "--scope <scope>: - (mcp install)",
        "--seed <number>: - (chat, image, video)",
        "--service-tier <name>: - (video)",
        "--session <name>: session (chat)",
        "--shard <part>: - (batch)",
        "--since <time>: - (cost)",
        "--size <size>: - (image)",
        "--sort <by>: - (models)",
        "--stop <text>: text, repeatable (chat)",
        "--tag <name>: - (cost)",
        "--tag <name>: -, repeatable (shared)",
        "--temperature <number>: - (chat, search)",
        "--template <name>: - (init)",
        "--thinking [tokens]: - (chat)",
        "--timeout <seconds>: - (shared)",
        "--tls-cert <file>: file (serve)",
        "--tls-key <file>: file (serve)",
        "--tool <name>: tool, repeatable (chat)",
        "--tools-approve <how>: -, of the caller (chat)",
        "--top-p <number>: - (chat)",
        "--type, --kind <kind>: - (models)",
        "--until <time>: - (cost)",
        "--var <name=text>: text, repeatable (chat)",
        "--wait <seconds>: - (image, video, tasks resume, slash)",
        "--what-if <model>: model (cost)",
        "-f, --file <path>: file or address, - is standard input, repeatable (chat)",
        "-g, --gateway <name>: gateway (shared)",
        "-m, --model <id>: model (chat, image, video, search, cost, batch)",
        "-n, --count <number>: - (image)",
        "-o, --out <directory>: directory (chat, search)",
        "-o, --out <file>: file or directory (batch)",
        "-o, --out <path>: directory (mcp)",
        "-o, --out <path>: file or directory (video, tasks resume)",
        "-o, --out <path>: file or directory, - is standard output (image)",
        "-s, --system <text>: text or @file (chat, search)",
        "-t, --template <name>: template (chat, batch)",
      ]
    `);
  });

  test('say that a value is a path where the form of the flag says so, and nowhere else', async () => {
    const found = await allCommands(declaring());
    const values = found
      .flatMap(({ command }) => command.options)
      .filter(({ required, optional }) => required || optional);
    const flagsOf = (of: readonly Option[]): string[] => of.map(({ flags }) => flags);
    const saysPath = ({ flags }: Option): boolean =>
      /[<[](file|directory|path|module)\b/.test(flags);
    expect(
      flagsOf(values.filter((option) => saysPath(option) !== namesPath(factsOf(option)))),
    ).toEqual([]);
    const takesDash = values.filter((option) => factsOf(option).dash !== undefined);
    expect(takesDash.length).toBeGreaterThan(0);
    expect(flagsOf(takesDash.filter((option) => !namesPath(factsOf(option))))).toEqual([]);
  });

  test('refuse a lone - as a path where it is neither standard input nor output', async () => {
    const found = await allCommands(declaring());
    const options = found.flatMap(({ command }) => command.options);
    const paths = options.filter((option) => namesPath(factsOf(option)));
    const refusing = paths.filter(({ parseArg }) => {
      try {
        parseArg?.('-', undefined);
        return false;
      } catch (error) {
        return error instanceof CliError && error.details.code === 'bad_flag';
      }
    });
    const others = paths.filter((option) => !refusing.includes(option));
    expect(refusing.length).toBeGreaterThan(10);
    expect(others.map((option) => `${option.long}: ${factsOf(option).dash}`).sort()).toEqual([
      '--file: standard input',
      '--out: standard output',
    ]);
  });

  test('decide alone: with every description reworded, tree, tools and completion stay the same', async () => {
    const plain = declaring();
    const reworded = rewording(declaring());
    expect(await treeFacts(reworded)).toEqual(await treeFacts(plain));
    expect(await refusals(reworded)).toEqual(await refusals(plain));
    const offered = await completions(plain);
    expect(offered).toContain('chat --model: fast,gpt-7');
    expect(offered.filter((row) => row.startsWith('chat --gateway: alltoken'))).toHaveLength(1);
    expect(await completions(reworded)).toEqual(offered);
  });

  test('hold the paths and texts of tools, and the check is not idle', async () => {
    const refused = await refusals(declaring());
    expect(refused.filter((row) => row.endsWith('path_outside'))).not.toEqual([]);
    expect(refused).toContain('alltoken_chat system @/etc/hostname: bad_input');
    expect(refused).toContain('alltoken_chat files /etc/hostname: path_outside');
    expect(refused).toContain('alltoken_image image https://a.example/b.png: nothing');
  });
});

const vocabulary =
  '(repeatable) @file URL <path> (default: 7) a file - is stdin model gateway'.split(' ');

/** Words that a careless reader of prose would take for facts, in an order that the seed decides. */
function randomWords(seed: number): string {
  let state = seed;
  return Array.from({ length: 5 }, () => {
    state = (state * 16_807) % 2_147_483_647;
    return vocabulary[state % vocabulary.length];
  }).join(' ');
}

/** As `context`, but the help of no option says what it said. */
function rewording(context: Context): Context {
  let seed = 1;
  const reword = (command: Command): void => {
    for (const option of command.options) {
      seed += 1;
      option.description = randomWords(seed);
    }
    command.commands.forEach(reword);
  };
  return {
    ...context,
    commands: new Map(
      [...context.commands].map(([name, entry]) => [
        name,
        {
          ...entry,
          load: async () => {
            const register = await entry.load();
            return (program, given) => {
              register(program, given);
              program.commands.forEach(reword);
            };
          },
        },
      ]),
    ),
    declare: async (name) => {
      const command = await context.declare(name);
      if (command !== null) reword(command);
      return command;
    },
  };
}

/** Of every option, all but its description. */
async function treeFacts(context: Context): Promise<unknown> {
  const tree = await describeCommand([], context);
  return JSON.parse(JSON.stringify(tree), (key, value: unknown) =>
    key === 'description' ? undefined : value,
  ) as unknown;
}

/** What becomes of dangerous values in each field of each tool. */
async function refusals(context: Context): Promise<string[]> {
  const { deps } = fakeDeps();
  const directory = deps.workingDirectory;
  const flags = { callTimeout: 50 };
  const [timeouts, own, claims] = [{} as never, null, new Set<never>()];
  const orders = new Orders();
  const serving = { context, flags, timeouts, directory, own, claims, orders };
  const found: string[] = [];
  for (const tool of tools) {
    const declared = await declaredOptions(tool, context);
    for (const field of Object.keys(tool.options))
      for (const value of ['/etc/hostname', '-', '@/etc/hostname', 'https://a.example/b.png']) {
        const outcome = await checkInput(tool, { [field]: value }, declared, serving, deps).then(
          () => 'nothing',
          (error: { details: { code: string } }) => error.details.code,
        );
        found.push(`${tool.name} ${field} ${value}: ${outcome}`);
      }
  }
  return found;
}

/** What the Tab key offers behind each option that takes a value. */
async function completions(context: Context): Promise<string[]> {
  const found: string[] = [];
  for (const { name, command } of await allCommands(context))
    for (const { long, required } of command.options) {
      if (!required || !long) continue;
      const line = [...name.split(' '), long, ''];
      for await (const event of completeWords(line, context))
        if (event.type === 'output') found.push(`${name} ${long}: ${String(event.document)}`);
    }
  return found;
}
