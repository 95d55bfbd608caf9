import { Command } from 'commander';
import { expect, test } from 'vitest';
import { settleOptionalValues } from '../../src/cli/optional-values.ts';
import { chatFlags } from '../../src/commands/chat/options.ts';
import { takeFlags } from '../../src/flags/declare-flags.ts';

function program(): Command {
  const all = new Command('alltoken');
  takeFlags(all.command('chat'), chatFlags, async () => {});
  return all;
}

test.each([
  ['--thinking why', '--thinking=on why'],
  ['--thinking 500 why', '--thinking 500 why'],
  ['--thinking 0 why', '--thinking 0 why'],
  ['--thinking', '--thinking=on'],
  ['--thinking -- why', '--thinking=on -- why'],
  ['-- --thinking why', '-- --thinking why'],
  ['--thinking=500 why', '--thinking=500 why'],
  ['--system --thinking why', '--system --thinking why'],
  ['--session --thinking why', '--session --thinking why'],
  ['-qm --thinking why', '-qm --thinking why'],
  ['-mgpt-7 --thinking why', '-mgpt-7 --thinking=on why'],
  ['--model=gpt-7 --thinking why', '--model=gpt-7 --thinking=on why'],
])('chat %s is read as chat %s', (typed, read) => {
  expect(settleOptionalValues(['chat', ...typed.split(' ')], program())).toEqual([
    'chat',
    ...read.split(' '),
  ]);
});
