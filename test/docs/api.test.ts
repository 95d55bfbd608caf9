/** The API reference is generated: `npm run docs:api`. Here only its names are compared, which is cheap. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../helpers/executable.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What a module gives to others, with what it passes on from modules beside it. */
function exportsOf(path: string): string[] {
  const text = read(path);
  const declared = [
    ...text.matchAll(
      /^export (?:declare )?(?:abstract )?(?:async )?(?:class|const|function|interface|type) (\w+)/gm,
    ),
  ].map(([, name = '']) => name);
  const named = [...text.matchAll(/^export (?:type )?\{([^}]+)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim().replace(/^(type )?(\w+ as )?/, '')),
  );
  const passedOn = [...text.matchAll(/^export (?:type )?\* from '([^']+)'/gm)].flatMap(
    ([, from = '']) => exportsOf(normalize(join(dirname(path), from))),
  );
  return [...new Set([...declared, ...named, ...passedOn])].filter((name) => name !== '').sort();
}

test.each(['library', 'testing'])('docs/api/%s.md has every export, and no other', (name) => {
  const headings = [...read(`docs/api/${name}.md`).matchAll(/^### (\w+)/gm)].map(
    ([, heading = '']) => heading,
  );
  expect([...new Set(headings)].sort()).toEqual(exportsOf(`src/${name}.ts`));
});
