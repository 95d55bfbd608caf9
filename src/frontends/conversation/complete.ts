/** What the Tab key can add: commands, and behind a command models, paths and names of conversations. */

import { builtInToolNames } from '../../schemas/choices.ts';
import { sessionFiles } from '../../work/ask/conversations.ts';
import { commandNames, kindOfArgument } from './command-names.ts';
import type { Conversation } from './conversation.ts';

const MAX_FOUND = 200;

/** Candidates, and how much of the end of `text` they replace. */
export async function completions(
  text: string,
  conversation: Conversation,
): Promise<[string[], string]> {
  if (/^\/[a-z]*$/.test(text))
    return [commandNames.map((name) => `/${name} `).filter((name) => name.startsWith(text)), text];
  const [, name = '', argument = ''] = /^\/([a-z]+) +(.*)$/s.exec(text) ?? [];
  const kind = kindOfArgument(name);
  if (kind === 'path') return paths(argument, conversation);
  if (kind === 'text or @file' && argument.startsWith('@'))
    return paths(argument.slice(1), conversation);
  if (kind === 'model') return [matching(await models(conversation), argument), argument];
  if (kind === 'tool') {
    const { mcpServerNames } = await import('../../work/known-names.ts');
    const names = [...builtInToolNames, ...(await mcpServerNames(conversation.deps))];
    return [matching(names, argument), argument];
  }
  if (kind === 'session') {
    const { files } = await sessionFiles(conversation.directory, conversation.deps);
    return [
      matching(
        files.map((file) => file.name),
        argument,
      ),
      argument,
    ];
  }
  return [[], text];
}

async function models({ deps, flags: { gateway, baseUrl } }: Conversation): Promise<string[]> {
  const { modelNames } = await import('../../work/known-names.ts');
  return modelNames({
    command: 'chat',
    deps,
    ...(gateway !== undefined && { gateway }),
    ...(baseUrl !== undefined && { baseUrl }),
  });
}

function matching(names: readonly string[], begin: string): string[] {
  return names.filter((name) => name.startsWith(begin)).slice(0, MAX_FOUND);
}

/** Names in a directory; a directory ends with its separator, so that the next Tab goes on in it. */
async function paths(
  begun: string,
  { deps: { files, path, workingDirectory, homeDirectory } }: Conversation,
): Promise<[string[], string]> {
  const at = Math.max(begun.lastIndexOf('/'), begun.lastIndexOf(path.sep)) + 1;
  const [folder, name] = [begun.slice(0, at), begun.slice(at)];
  const expanded = folder.startsWith('~/') ? path.join(homeDirectory, folder.slice(2)) : folder;
  const directory = path.resolve(workingDirectory, expanded);
  const hasDot = name.startsWith('.');
  const names = (await files.list(directory))
    .filter((one) => one.startsWith(name) && (hasDot || !one.startsWith('.')))
    .sort()
    .slice(0, MAX_FOUND);
  const found: string[] = [];
  for (const one of names) {
    const status = await files.status(path.join(directory, one)).catch(() => null);
    found.push(`${folder}${one}${status?.isDirectory ? path.sep : ''}`);
  }
  return [found, begun];
}
