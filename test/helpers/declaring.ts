/** A context that declares commands and runs none of them. */
import { Command } from 'commander';
import type { Deps } from '../../src/base/deps.ts';
import { commands } from '../../src/cli/command-list.ts';
import { declareCommand } from '../../src/cli/declare.ts';
import type { Context } from '../../src/flags/context.ts';

export function declaringContext(deps: Deps): Context {
  const run = async (): Promise<never> => {
    throw new Error('nothing is run here');
  };
  const context: Context = {
    deps,
    commands,
    declare: (name) => declareCommand(name, new Command('alltoken'), context),
    execute: run,
    run,
    listen: run,
    converse: run,
  };
  return context;
}
