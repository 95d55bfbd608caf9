/** One command with its flags, declared in full on a program of its own that looks like the real one. It runs nothing. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { commands } from './index.ts';

/** Resolves to null when there is none of that name. */
export async function declareCommand(
  name: string,
  program: Command,
  context: Context,
): Promise<Command | null> {
  const register = await commands.get(name)?.load();
  const alone = program.createCommand(program.name()).copyInheritedSettings(program);
  register?.(alone, context);
  return alone.commands[0] ?? null;
}
