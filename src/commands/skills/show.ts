/** `alltoken skills show`: one file of a skill, byte for byte. It shows no other file of this machine. */

import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { nearest } from '../../config/nearest.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { ShowDocument } from '../../schemas/skills.ts';
import { chooseSkills, mainFile, readSkills, type Skill, type SkillFile } from './own-skills.ts';

/** Throws `CliError` usage for a skill or a file that there is not. */
export async function* showSkill(
  name: string,
  fileName: string | undefined,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const [skill] = chooseSkills([name], await readSkills(deps));
  const file = findFile(skill, fileName ?? mainFile);
  const document: ShowDocument = {
    schema: 'alltoken.skills.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'skills show',
    version: deps.version,
    skill: name,
    file: file.name,
    bytes: file.bytes.length,
    sha256: file.sha256,
    text: file.text,
  };
  // As text, a last line without an end would get one; a terminal is to get it.
  const isExact = !deps.stdout.isTerminal;
  if (isExact) yield { type: 'bytes', bytes: file.bytes };
  yield { type: 'output', content: { text: isExact ? '' : file.text }, document };
}

function findFile(skill: Skill | undefined, name: string): SkillFile {
  const files = skill?.files ?? [];
  const found = files.find((file) => file.name === name);
  if (found !== undefined) return found;
  const names = files.map((file) => file.name);
  const near = nearest(name, names);
  throw new CliError('usage', `${skill?.name} has no file ${JSON.stringify(name)}`, {
    code: 'unknown_file',
    hint: near === null ? `one of: ${names.join(', ')}` : `did you mean ${near}?`,
  });
}
