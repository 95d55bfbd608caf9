import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allPages, anchors, page, relativeLinks, userPages } from '../helpers/documents.ts';
import { root } from '../helpers/executable.ts';

const { files } = JSON.parse(page('package.json').text) as { files: string[] };

/** Where a link leads, below the root, and its anchor. */
function resolved(from: string, target: string): { path: string; anchor: string } {
  const [file = '', anchor = ''] = target.split('#');
  return { path: file === '' ? from : normalize(join(dirname(from), file)), anchor };
}

describe.each(allPages.map((each) => [each.path, each] as const))('%s', (path, each) => {
  test('leads only to files and headings that exist', () => {
    const broken = relativeLinks(each).filter((target) => {
      const { path: file, anchor } = resolved(path, target);
      if (!existsSync(join(root, file))) return true;
      return anchor !== '' && !anchors(page(file)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

test.each(userPages.map((each) => [each.path, each] as const))(
  '%s leads only to files that the package ships',
  (path, each) => {
    const outside = relativeLinks(each).filter((target) => {
      const file = resolved(path, target).path;
      const isIn = (folder: string): boolean => file === folder || file.startsWith(`${folder}/`);
      return !files.some(isIn) || files.some((each) => each.startsWith('!') && isIn(each.slice(1)));
    });
    expect(outside).toEqual([]);
  },
);

test('the index leads to every page', () => {
  const index = page('docs/README.md');
  const linked = relativeLinks(index).map((target) => resolved(index.path, target).path);
  const pages = userPages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
  expect([...linked, index.path].sort()).toEqual(pages.sort());
});

test.each(userPages.filter(({ path }) => path.startsWith('docs/')))(
  '$path begins with one sentence on what it is good for',
  ({ text }) => {
    expect(text).toMatch(
      /^# .+\n\n(After this page|With this index) you (can )?[^.]+\. ?.*\n(.+\n)*\n/,
    );
  },
);
