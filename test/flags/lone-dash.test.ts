import { readdirSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/command-list.ts';
import { factsOf, namesPath } from '../../src/flags/flag-option.ts';
import { declaringContext } from '../helpers/declaring.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';

/** Every flag whose value is a path, and that reads or writes no stream for `-`. */
async function pathFlags(): Promise<string[][]> {
  const context = declaringContext(fakeDeps().deps);
  const below = (
    command: Command,
    names: readonly string[],
  ): { names: string[]; option: Option }[] => [
    ...command.options.map((option) => ({ names: [...names, command.name()], option })),
    ...command.commands.flatMap((one) => below(one, [...names, command.name()])),
  ];
  const declared = await Promise.all([...commands.keys()].map((name) => context.declare(name)));
  return declared
    .flatMap((command) => (command === null ? [] : below(command, [])))
    .filter(({ option }) => namesPath(factsOf(option)) && factsOf(option).dash === undefined)
    .map(({ names, option }) => [...names, option.long ?? '']);
}

test('a lone - is no name of a file: every flag that has no use for it refuses it, with what to give', async () => {
  const lines = await pathFlags();
  expect(lines.length).toBeGreaterThan(12);
  expect(lines).toContainEqual(['batch', '--out']);
  for (const line of lines) {
    const world = fakeDeps();
    const before = readdirSync(world.home);
    expect(await world.run(...line, '-'), line.join(' ')).toBe(2);
    expect(world.err(), line.join(' ')).toContain(
      `${line.at(-1)} needs a path, and - is none here`,
    );
    expect(world.err(), line.join(' ')).toContain('\nhint: ');
    expect(readdirSync(world.home)).toEqual(before);
  }
});

test('init makes no directory -', async () => {
  const world = fakeDeps();
  expect(await world.run('init', '-')).toBe(2);
  expect(world.err()).toContain('hint: alltoken init my-project');
  expect(readdirSync(world.home)).not.toContain('-');
});
