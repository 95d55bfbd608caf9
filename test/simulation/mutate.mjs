/** Runs the simulator against each deliberate defect and prints a table of the world that found it: `npm run simulate:mutations -- --worlds 5000`. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const argv = process.argv.slice(2);
const value = (name, otherwise) => {
  const at = argv.indexOf(name);
  return at < 0 ? otherwise : argv[at + 1];
};
const worlds = value('--worlds', '5000');
/** CPU seconds for one defect. */
const seconds = value('--seconds', '120');
/** A regular expression. */
const only = new RegExp(value('--only', ''));
const jobs = Number(value('--jobs', String(availableParallelism())));

const src = fileURLToPath(new URL('../../src', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'alltoken-mutations-'));
try {
  const table = join(folder, 'mutations.mjs');
  await bundle(fileURLToPath(new URL('mutations.ts', import.meta.url)), table, {});
  const { mutations } = await import(table);
  const chosen = mutations.filter(({ name }) => only.test(name));
  const rows = await tryAll(chosen);
  process.exitCode = report(rows) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Some at a time; progress goes to stderr, in the order in which they end. */
async function tryAll(chosen) {
  const rows = [];
  let next = 0;
  const work = async () => {
    for (let at = next; at < chosen.length; at = next) {
      next = at + 1;
      const found = await tryOne(chosen[at], join(folder, `${at}.mjs`));
      rows[at] = { name: chosen[at].name, ...found };
      console.error(`${chosen[at].name}: ${found.world ?? '-'} ${found.law}`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
  return rows;
}

/** Markdown, on stdout. Returns whether all were found. */
function report(rows) {
  const width = Math.max(6, ...rows.map(({ name }) => name.length));
  const line = (name, world, law) =>
    console.log(`| ${name.padEnd(width)} | ${String(world).padStart(5)} | ${law} |`);
  line('defect', 'world', 'law');
  line('-'.repeat(width), '----:', '---');
  for (const { name, world, law } of rows) line(name, world ?? '', law);
  const found = rows.flatMap(({ world }) => (world === null ? [] : [world])).sort((a, b) => a - b);
  const median = found[found.length >> 1] ?? '-';
  console.log(
    `\n${found.length} of ${rows.length} were found, the latest at world ${found.at(-1) ?? '-'}, half of them by world ${median}.`,
  );
  return found.length === rows.length;
}

/** `world`: null where it was not found; `law` says why then. */
async function tryOne({ more = [], ...first }, outfile) {
  const instead = {};
  for (const { file, find, replace } of [first, ...more]) {
    const path = join(src, file);
    const source = instead[path] ?? (existsSync(path) ? readFileSync(path, 'utf8') : '');
    if (source.split(find).length !== 2)
      return { world: null, law: `the text is not there exactly once: ${file}` };
    instead[path] = source.replace(find, () => replace);
  }
  await bundle(fileURLToPath(new URL('main.ts', import.meta.url)), outfile, instead);
  const runner = `${outfile}.run.mjs`;
  writeFileSync(
    runner,
    `import { main } from ${JSON.stringify(outfile)};\nprocess.exitCode = await main(process.argv.slice(2), console.log);\n`,
  );
  const { stdout, stderr, status } = await run(runner);
  const law = /^broken in 1 worlds \((\d+)\): (.*)$/m.exec(stdout);
  if (law !== null) return { world: Number(law[1]), law: law[2] };
  if (status !== 0) return { world: null, law: `failed: ${stderr.trim().split('\n')[0]}` };
  return { world: null, law: `not found in ${/^(\d+) worlds/m.exec(stdout)?.[1]} worlds` };
}

function run(runner) {
  const child = spawn(process.execPath, [
    '--max-semi-space-size=64',
    runner,
    ...['--worlds', worlds, '--seconds', seconds, '--first', '--no-coverage'],
    ...argv.filter((word) => ['--agents', '--batches', '--serve'].includes(word)),
  ]);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ ...output, status }));
  });
}
