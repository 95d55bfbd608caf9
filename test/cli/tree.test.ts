import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/command-list.ts';
import {
  type CommandDocument,
  commandsDocumentSchema,
  type OptionDocument,
} from '../../src/schemas/commands.ts';
import { declaringContext } from '../helpers/declaring.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';

/** What a host keeps of an output. */
const HOST_LIMIT = 30_000;

async function print(...argv: string[]): Promise<string> {
  const world = fakeDeps();
  expect(await world.run(...argv), world.err()).toBe(0);
  return world.out();
}

interface Row {
  name: string;
  command: CommandDocument;
  /** Its own, and those of its groups. */
  options: OptionDocument[];
}

/** The command with everything below it; without a name, the program and each of its commands. */
async function read(name?: string): Promise<Row[]> {
  const [, ...words] = (name ?? 'alltoken').split(' ');
  const text = await print(...words, '--help', '--json');
  const { tree, option_groups: groups } = commandsDocumentSchema.parse(JSON.parse(text));
  const rows = withAllBelow(tree).map((command) => {
    const shared = (command.option_groups ?? []).flatMap((group) => groups[group] ?? []);
    return { name: command.name, command, options: [...(command.options ?? []), ...shared] };
  });
  if (name !== undefined) return rows;
  const below = await Promise.all((tree.commands ?? []).map((command) => read(command.name)));
  return [...rows.slice(0, 1), ...below.flat()];
}

function withAllBelow(command: CommandDocument): CommandDocument[] {
  return [command, ...(command.commands ?? []).flatMap(withAllBelow)];
}

describe('the command tree', () => {
  test('is one line of JSON that no host cuts', async () => {
    const whole = await print('--help', '--json');
    expect(whole.indexOf('\n')).toBe(whole.length - 1);
    expect(whole.length).toBeLessThan(HOST_LIMIT);
  });

  test('has the options of a command below another in the tree of that one', async () => {
    const [, ...whole] = withAllBelow(
      commandsDocumentSchema.parse(JSON.parse(await print('--help', '--json'))).tree,
    );
    const resume = whole.find(({ name }) => name === 'alltoken tasks resume');
    expect(Object.keys(resume ?? {})).toEqual(['name', 'summary', 'usage']);
    const [, ...own] = await read('alltoken tasks');
    const options = own.find(({ name }) => name === 'alltoken tasks resume')?.options ?? [];
    expect(options.map(({ name }) => name)).toContain('--adopt');
  });

  test('names every group that a command refers to', async () => {
    const { tree, option_groups: groups } = commandsDocumentSchema.parse(
      JSON.parse(await print('--help', '--json')),
    );
    const named = withAllBelow(tree).flatMap((command) => command.option_groups ?? []);
    expect(Object.keys(groups).sort()).toEqual([...new Set(named)].sort());
    expect(Object.keys(groups)).toEqual(expect.arrayContaining(['gateway', 'output', 'money']));
  });

  test('is the same for help --json, and validates against alltoken schema commands', async () => {
    expect(await print('help', '--json')).toBe(await print('--help', '--json'));
    expect(JSON.parse(await print('schema', 'commands'))).toMatchObject({
      $id: 'alltoken.commands.v1',
      required: expect.arrayContaining(['option_groups', 'tree']),
    });
  });

  test.each([
    [['tasks', 'resume'], 'alltoken tasks resume'],
    [['chat'], 'alltoken chat'],
  ])('%j alone has all its options, and its examples', async (words, name) => {
    const text = await print('help', ...words, '--json');
    expect(await print(...words, '--help', '--json')).toBe(text);
    const alone = commandsDocumentSchema.parse(JSON.parse(text));
    expect(alone.tree.name).toBe(name);
    expect(alone.option_groups).toEqual({});
    const found = (await read()).find((row) => row.name === name);
    const flags = (options: OptionDocument[] = []): string[] =>
      options.map((one) => one.name).sort();
    expect(flags(alone.tree.options)).toEqual(flags(found?.options));
    if (name === 'alltoken chat') expect(alone.tree.examples?.length).toBeGreaterThan(3);
  });
});

/** `-m, --model <id>` as the help writes it. */
function asTyped({ name, short, value }: OptionDocument): string {
  const [open, close] = value?.optional ? ['[', ']'] : ['<', '>'];
  const names = short === undefined ? name : `${short}, ${name}`;
  return value === undefined ? names : `${names} ${open}${value.name}${close}`;
}

test('an option is called repeatable when its second value joins the first', async () => {
  const program = new Command('alltoken');
  const { deps } = fakeDeps();
  const context = declaringContext(deps);
  for (const { load } of commands.values()) (await load())(program, context);
  const declared = new Map<string, Command>();
  const note = (command: Command, name: string): void => {
    declared.set(name, command);
    for (const below of command.commands) note(below, `${name} ${below.name()}`);
  };
  note(program, 'alltoken');
  for (const { name, options } of await read())
    for (const option of options.filter(({ value }) => value)) {
      const found = declared.get(name)?.options.find(({ long }) => long === option.name);
      const value = option.value?.choices?.[0] ?? sample(option) ?? '1';
      const first: unknown = found?.parseArg?.(value, undefined);
      const both: unknown = found?.parseArg?.(value.replace('a=', 'b='), first);
      const joins = Array.isArray(both) && both.length > 1 && value !== 'a,b';
      expect(option.repeatable ?? false, `${name} ${option.name}`).toBe(joins);
    }
});

describe.each(['alltoken', ...[...commands.keys()].map((name) => `alltoken ${name}`)])(
  '%s',
  (name) => {
    const rows = (): Promise<Row[]> =>
      name === 'alltoken' ? read().then((all) => all.slice(0, 1)) : read(name);
    const wordsOf = (row: Row): string[] => row.name.split(' ').slice(1);

    test('has the options and the usage of its help, and no others', async () => {
      for (const row of await rows()) {
        const help = await print(...wordsOf(row), '--help');
        const inHelp = [...help.matchAll(/^ {2}(-.*?)(?: {2,}|\n)/gm)].map((match) => match[1]);
        expect([...row.options.map(asTyped), '-h, --help'].sort(), row.name).toEqual(inHelp.sort());
        expect(help.replace(/\s+/g, ' ')).toContain(`Usage: ${row.command.usage.trim()} `);
      }
    });

    test('takes each of its options', async () => {
      for (const row of await rows())
        for (const option of row.options.filter((one) => one.name !== '--version')) {
          const world = fakeDeps({ stdin: '' });
          const value = option.value?.choices?.[0] ?? sample(option);
          const given = value === undefined ? [option.name] : [option.name, value];
          // An unknown flag behind it: had the option been refused, the complaint would be of the option.
          expect(await world.run(...wordsOf(row), ...given, '--no-such-flag')).toBe(2);
          expect(world.err(), `${row.name} ${option.name}`).toContain('--no-such-flag');
        }
    });

    test('refuses what is none of the choices', async () => {
      for (const row of await rows())
        for (const option of row.options.filter(({ value }) => value?.choices)) {
          const world = fakeDeps();
          expect(await world.run(...wordsOf(row), option.name, 'no-such-choice')).toBe(2);
          expect(world.err()).toContain(option.value?.choices?.join(', '));
        }
    });
  },
);

/** Of the options that are no plain text, a value that each takes. */
const samples: Readonly<Record<string, string>> = {
  'key=json': 'a=1',
  'name=text': 'a=1',
  usd: '0.5',
  size: '1024x1024',
  format: 'png',
  ratio: '16:9',
  resolution: '480p',
  ids: 'a,b',
  url: 'https://a.example/v1',
  origin: 'https://a.example',
  bytes: '32M',
  name: 'slow',
  seconds: '5',
};

function sample({ value }: OptionDocument): string | undefined {
  if (value === undefined || value.optional) return undefined;
  return samples[value.name] ?? '1';
}
