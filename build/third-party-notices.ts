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
        writeFileSync(outputFile, [...folders].sort().map(notice).join('\n'));
      });
    },
  };
}

function notice(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text =
    file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : '';
  return `${manifest.name} ${manifest.version} (${manifest.license ?? 'see its text'})\n\n${text}\n\n${'-'.repeat(80)}\n`;
}
