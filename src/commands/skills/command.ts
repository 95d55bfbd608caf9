/** `alltoken skills`: the texts that teach an agent to use this program. Each subcommand is a file. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addOutputFlags, type OutputFlags } from '../../flags/common-flags.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { type HostName, hostNames } from './hosts.ts';
import type { InstallFlags, ListFlags } from './options.ts';

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
      'The skills that came with this version: texts that teach an agent to use alltoken. List them, print one, or put them where a host reads them.',
    );
  addHelp(
    skills,
    examples,
    'Installing again brings them up to date. A file that was changed by hand is never replaced without --force.',
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
  addTargetFlags(command);
  addOutputFlags(command, { jsonl: false }).action(async (flags: ListFlags) => {
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
    .argument('[file]', 'in its folder: references/…');
  addOutputFlags(command, { jsonl: false }).action(
    async (name: string, file: string | undefined, flags: OutputFlags) => {
      const { showSkill } = await import('./show.ts');
      await execute('skills show', flags, () => showSkill(name, file, deps));
    },
  );
}

function addInstall(skills: Command, { deps, execute }: Context): void {
  const command = skills
    .command('install')
    .summary("put them into a host's folder")
    .description(
      "Put skills into a host's folder, the user's own unless --project is given. All is checked before anything is written; a file that was changed by hand stops it.",
    )
    .argument('[name...]', 'the skills (default: all)');
  addTargetFlags(command)
    .option('--force', 'replace files that were changed by hand, or are not ours')
    .option('--dry-run', 'tell what it would do; write nothing');
  addOutputFlags(command, { jsonl: false }).action(async (names: string[], flags: InstallFlags) => {
    const { installSkills } = await import('./install.ts');
    await execute('skills install', flags, () => installSkills(names, flags, deps));
  });
}

function addTargetFlags(command: Command): Command {
  return command
    .addOption(
      // The choices are for the help; our own parser collects.
      new Option('--host <host>', 'that reads them (repeatable)')
        .choices(hostNames)
        .argParser(appendHost),
    )
    .option('--project', 'in the working directory, not in your home')
    .addOption(
      new Option('--dir <path>', 'any other folder of skills').conflicts(['host', 'project']),
    );
}

function appendHost(text: string, before: HostName[] = []): HostName[] {
  const found = hostNames.find((name) => name === text);
  if (found === undefined)
    throw new InvalidArgumentError(`Allowed choices are ${hostNames.join(', ')}.`);
  return [...before, found];
}
