/**
 * Puts the files that esbuild's splitting made into packs: one that every start reads, and one a command, so that a start
 * reads two files and not sixty (each costs a quarter of a millisecond). What is large and rarely wanted (zod, ora,
 * undici, the sandbox, the MCP package) stays a file of its own. A module is made once, whichever pack brought it.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Output {
  bytes: number;
  /** By path of the source. */
  inputs: Record<string, { bytesInOutput: number }>;
  entryPoint?: string;
  imports: { path: string; kind: string }[];
  exports: string[];
}

/** What a package imports from us: ES modules over the same packs. */
const moduleEntries = ['library', 'testing'];

/** What a command loads on its way only where it is small: a larger piece waits until it is wanted. */
const LARGE_BYTES = 16 * 1024;

/** A command that shares this much of its pack with another reads that one's, and a small one of its own. */
const NEARLY_THE_SAME = 0.9;

/** Commands that run for so long, or so seldom, that a second file at their start is nothing: what others have is not in their packs. */
const unhurried = new Set([
  ...['batch', 'serve', 'run', 'image', 'video'],
  ...['schema', 'config', 'completion', 'skills', 'sessions'],
]);

/** `directory`: where the files are, with esbuild's metafile beside them, which is removed. Returns how many files there are now. */
export function makePacks(directory: string): number {
  const metafile = join(directory, 'metafile-esm.json');
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as {
    outputs: Record<string, Output>;
  };
  rmSync(metafile);
  const chunks = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const edges = (name: string, kind: string): string[] =>
    (chunks.get(name)?.imports ?? [])
      .filter((one) => one.kind === kind && chunks.has(basename(one.path)))
      .map(({ path }) => basename(path));
  const closure = (names: Iterable<string>): Set<string> => {
    const found = new Set<string>(names);
    for (const name of found)
      for (const target of edges(name, 'import-statement')) found.add(target);
    return found;
  };
  const main = closure(['main.cjs']);
  const commands = edges('main.cjs', 'dynamic-import').filter((name) =>
    isCommand(chunks.get(name)),
  );
  const packs = new Map<string, Set<string>>([['main', main]]);
  for (const command of commands) packs.set(packName(chunks.get(command)), own(command));
  // A large piece that several commands need would be in each of their packs, and be read with all of one for another.
  for (const [name, { bytes }] of chunks) {
    const holders = [...packs.values()].filter((names) => names.has(name));
    if (bytes >= LARGE_BYTES && holders.length > 1) for (const names of holders) names.delete(name);
  }
  const bytesOf = (names: Iterable<string>): number =>
    [...names].reduce((sum, name) => sum + (chunks.get(name)?.bytes ?? 0), 0);
  const whole = new Map<string, Set<string>>();
  const isLast = ([pack]: [string, unknown]): number => Number(unhurried.has(pack));
  for (const [pack, names] of [...packs].sort((a, b) => isLast(a) - isLast(b))) {
    if (pack === 'main') continue;
    if (unhurried.has(pack))
      for (const others of whole.values()) for (const name of others) names.delete(name);
    const shared = [...whole.values()]
      .map((others) => [...names].filter((name) => others.has(name)))
      .find((both) => bytesOf(both) >= NEARLY_THE_SAME * bytesOf(names));
    if (shared === undefined) whole.set(pack, names);
    else for (const name of shared) names.delete(name);
  }
  const library = closure(['library.cjs']);
  for (const name of chunks.keys())
    if (name !== 'library.cjs' && ![...packs.values()].some((names) => names.has(name)))
      packs.set(name.replace(/\.cjs$/, ''), new Set([name]));
  const homes: Record<string, string> = {};
  for (const [pack, names] of packs) for (const name of names) homes[name] ??= `${pack}.cjs`;
  // An import of the library reads one file, in which is what it runs at once; of the rest it shares the packs. No pack is in it alone.
  packs.set('library', library);
  const texts = new Map([...packs].map(([pack, names]) => [pack, packText(names)]));
  const exportsOf = (entry: string): string[] => chunks.get(`${entry}.cjs`)?.exports ?? [];
  for (const name of chunks.keys()) rmSync(join(directory, name));
  for (const entry of moduleEntries)
    writeFileSync(join(directory, `${entry}.js`), moduleText(entry, exportsOf(entry)));
  for (const [pack, text] of texts)
    writeFileSync(
      join(directory, `${pack}.cjs`),
      pack === 'main' || pack === 'library'
        ? `${runtime(homes)}${text}${ends[pack]}`
        : `module.exports = (defined) => {\n${text}};\n`,
    );
  return packs.size;

  /** The command with all that it loads at once, and what small pieces it loads later; what main has is left out. */
  function own(command: string): Set<string> {
    const found = closure([command]);
    for (const name of found)
      for (const later of edges(name, 'dynamic-import')) {
        const more = [...closure([later])].filter((one) => !found.has(one) && !main.has(one));
        const bytes = more.reduce((sum, one) => sum + (chunks.get(one)?.bytes ?? 0), 0);
        if (bytes < LARGE_BYTES && !isCommand(chunks.get(later)))
          for (const one of more) found.add(one);
      }
    for (const name of main) found.delete(name);
    return found;
  }

  function packText(names: Iterable<string>): string {
    // In brackets, a function is compiled at once: each of these is run as soon as it is read.
    return [...names]
      .map((name) => {
        const text = readFileSync(join(directory, name), 'utf8');
        return `defined[${JSON.stringify(name)}] ??= (function (exports, require, module) {\n${text}\n});\n`;
      })
      .join('');
  }
}

function isCommand(output: Output | undefined): boolean {
  return /^src\/(commands|frontends|cli)\/.*(command|help|converse)\.ts$/.test(
    output?.entryPoint ?? '',
  );
}

/** `chat` of `src/commands/chat/command.ts`. */
function packName(output: Output | undefined): string {
  const [, name = 'command'] = /([^/]+?)(?:\/command)?\.ts$/.exec(output?.entryPoint ?? '') ?? [];
  return name;
}

/** What the two files export that a process begins with, and what each shares with the other. */
const ends = {
  main: "exports.defined = defined;\nObject.defineProperty(exports, 'main', { get: () => load('main.cjs').main });\n",
  library: 'exports.load = load;\nexports.defined = defined;\n',
} as const;

/** By `require`: an import of CommonJS searches all of it for names to export, which takes longer than running it. */
function moduleText(entry: string, names: readonly string[]): string {
  return `import { createRequire } from 'node:module';
const { load } = createRequire(import.meta.url)('./library.cjs');
export const { ${names.join(', ')} } = load('${entry}.cjs');
`;
}

/** Finds a module in what was read, else in the file that is its home. */
function runtime(homes: Readonly<Record<string, string>>): string {
  return `'use strict';
const defined = Object.create(null);
const made = Object.create(null);
const homes = ${JSON.stringify(homes)};
const local = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id));
local.publish = (exports, getters) => {
  for (const name in getters)
    Object.defineProperty(exports, name, { get: getters[name], enumerable: true });
  return Object.defineProperty(exports, '__esModule', { value: true });
};
local.toModule = (found, isFromModule) => {
  const all = Object.create(found === null || found === undefined ? null : Object.getPrototypeOf(found));
  if (isFromModule || !found?.__esModule) Object.defineProperty(all, 'default', { value: found, enumerable: true });
  for (const name of Object.getOwnPropertyNames(Object(found)))
    if (!Object.hasOwn(all, name))
      Object.defineProperty(all, name, {
        get: () => found[name],
        enumerable: Object.getOwnPropertyDescriptor(found, name).enumerable,
      });
  return all;
};
function load(name) {
  const known = made[name];
  if (known !== undefined) return known.exports;
  if (defined[name] === undefined) {
    const pack = require('./' + homes[name]);
    if (typeof pack === 'function') pack(defined);
    else for (const one in pack.defined) defined[one] ??= pack.defined[one];
  }
  const module = (made[name] = { exports: {} });
  defined[name](module.exports, local, module);
  return module.exports;
}
`;
}
