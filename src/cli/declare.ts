/** One command with its flags, declared in full on a program of its own that looks like the real one. It runs nothing. */
import type { Command } from 'commander';
import type { Context } from '../flags/context.ts';

/** Resolves to null when there is none of that name. */
export async function declareCommand(
  name: string,
  program: Command,
  context: Context,
): Promise<Command | null> {
  const register = await context.commands.get(name)?.load();
  const alone = program.createCommand(program.name()).copyInheritedSettings(program);
  register?.(alone, context);
  return alone.commands[0] ?? null;
}
