/** Writes the licence texts of every package that went into the bundle: bundling them is redistributing them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** An esbuild plugin; `outputFile` is relative to the project root. */
export function thirdPartyNotices(outputFile: string): Plugin {
  return {
    name: 'third-party-notices',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd((result) => {
        const folders = new Set<string>();
        for (const input of Object.keys(result.metafile?.inputs ?? {})) {
          const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
          if (match?.[1]) folders.add(match[1]);
        }
        mkdirSync(dirname(outputFile), { recursive: true });
        writeFileSync(outputFile, notices([...folders].sort()));
      });
    },
  };
}

interface Notice {
  title: string;
  /** Who wrote it, as the licence names them. */
  holders: string[];
  text: string;
}

/** Packages whose licences have the same words stand together above them, each with those who hold its copyright. */
function notices(folders: readonly string[]): string {
  const alike = new Map<string, Notice[]>();
  for (const one of folders.map(notice)) {
    const words = one.text.replace(/\s+/g, ' ').trim();
    alike.set(words, [...(alike.get(words) ?? []), one]);
  }
  const line = `\n${'-'.repeat(80)}\n`;
  return [...alike.values()]
    .map((group) => {
      const heads = group.map(({ title, holders }) => [title, ...holders].join('\n'));
      return `${heads.join('\n\n')}\n\n${group[0]?.text ?? ''}\n${line}`;
    })
    .join('\n');
}

const copyright = /^[ \t]*(?:Portions )?Copyright (?:\(c\)|©|\d{4}).*$/gim;

function notice(folder: string): Notice {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text =
    file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : '';
  return {
    title: `${manifest.name} ${manifest.version} (${manifest.license ?? 'see its text'})`,
    holders: [...text.matchAll(copyright)].map(([holder]) => holder.trim()),
    text: text
      .replace(copyright, '')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  };
}
