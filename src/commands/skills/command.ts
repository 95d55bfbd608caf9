/** `alltoken skills`: the texts that teach an agent to use this program. Each subcommand is a file. */
import type { Command } from 'commander';
import { outputFlags } from '../../flags/common-flags.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { installFlags, listFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken skills',
  'alltoken skills show alltoken-call',
  ['alltoken skills install --host claude', 'for all your projects'],
  ['alltoken skills install --host codex --project', 'in this directory'],
  ['alltoken skills --host claude', 'what is installed there'],
];

export const registerSkills: RegisterCommand = (program, context) => {
  const skills = program
    .command('skills')
    .helpCommand(false)
    .description(
      'The skills that came with this version: texts that teach an agent to use alltoken. List them, print one, or install them for a host.',
    );
  addHelp(
    skills,
    examples,
    'Installing again updates them. A file that was edited is never replaced without --force.',
  );
  addList(skills, context);
  addShow(skills, context);
  addInstall(skills, context);
};

function addList(skills: Command, { deps, execute }: Context): void {
  const command = skills
    .command('list', { isDefault: true })
    .summary('list them, and what is installed')
    .description(
      'List the skills of this version; with --host or --dir, also whether each is there: missing, current, outdated, or changed by hand.',
    );
  takeFlags(command, listFlags, async (flags) => {
    const { listSkills } = await import('./list.ts');
    await execute('skills list', flags, () => listSkills(flags, deps));
  });
}

function addShow(skills: Command, { deps, execute }: Context): void {
  const command = skills
    .command('show')
    .summary('print one, byte for byte')
    .description('Print SKILL.md of a skill, or another of its files, byte for byte.')
    .argument('<name>', 'the skill')
    .argument('[file]', 'a file of the skill: references/…');
  takeFlags(command, [outputFlags], async (flags, name: string, file: string | undefined) => {
    const { showSkill } = await import('./show.ts');
    await execute('skills show', flags, () => showSkill(name, file, deps));
  });
}

function addInstall(skills: Command, { deps, execute }: Context): void {
  const command = skills
    .command('install')
    .summary("put them into a host's folder")
    .description(
      "Put skills into a host's folder, the user's own unless --project is given. All is checked before anything is written; a file that was changed by hand stops it.",
    )
    .argument('[name...]', 'the skills (default: all)');
  takeFlags(command, installFlags, async (flags, names: string[]) => {
    const { installSkills } = await import('./install.ts');
    await execute('skills install', flags, () => installSkills(names, flags, deps));
  });
}
