/** The commands of a skill's pages, with what the pages say of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './executable.ts';

export interface Claim {
  page: string;
  line: string;
  argv: string[];
  /** On standard input; absent: nothing. */
  input?: string;
  exit: number;
  /** In the one document on stdout: `.files[0].path`; [] where stdout is text. */
  paths: string[];
}

/** SKILL.md first, then its references. */
export function pagesOf(skill: string): { name: string; text: string }[] {
  const folder = join(root, 'skills', skill);
  const references = join(folder, 'references');
  const more = existsSync(references) ? readdirSync(references).sort() : [];
  return ['SKILL.md', ...more.map((name) => `references/${name}`)].map((name) => ({
    name,
    text: readFileSync(join(folder, name), 'utf8'),
  }));
}

/** Every command of every shell block. Throws for one that does not say how it ends. */
export function claimsOf(skill: string): Claim[] {
  return pagesOf(skill).flatMap(({ name, text }) =>
    [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => claimsIn(name, block)),
  );
}

function claimsIn(page: string, block: string): Claim[] {
  const claims: Claim[] = [];
  const lines = block.trim().split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const end = / <<'(\w+)' /.exec(line)?.[1];
    const claim = claimOf(page, line.replace(/ <<'\w+' /, ' '));
    if (end === undefined) claims.push(claim);
    else claims.push({ ...claim, input: `${lines.splice(0, lines.indexOf(end)).join('\n')}\n` });
    if (end !== undefined) lines.shift();
  }
  return claims;
}

function claimOf(page: string, line: string): Claim {
  const match = /^alltoken (.*?) {2}# exit (\d+)(?:: ((?:\.\S+ ?)+))?$/.exec(line);
  if (match === null) throw new Error(`${page} does not say how this ends: ${line}`);
  const [, words = '', exit, paths = ''] = match;
  return {
    page,
    line,
    argv: split(words),
    exit: Number(exit),
    paths: paths.split(' ').filter(Boolean),
  };
}

/** Words as a shell reads them, where nothing but quotes is special. */
function split(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

/** What stands at `.a[0].b`; undefined where there is nothing. */
export function valueAt(document: unknown, path: string): unknown {
  const keys = path.match(/[^.[\]]+/g) ?? [];
  return keys.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | null | undefined)?.[key],
    document,
  );
}
