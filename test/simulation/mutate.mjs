/** Runs the simulator against each deliberate defect and prints at which world it was found: `npm run simulate:mutations -- --worlds 5000`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const argv = process.argv.slice(2);
const value = (name, otherwise) => {
  const at = argv.indexOf(name);
  return at < 0 ? otherwise : argv[at + 1];
};
const worlds = value('--worlds', '5000');
const seconds = value('--seconds', '60');
const only = value('--only', '');
/** The first row of the table to be tried. */
const from = Number(value('--from', '1'));

const src = fileURLToPath(new URL('../../src', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'alltoken-mutations-'));
try {
  const table = join(folder, 'mutations.mjs');
  await bundle(fileURLToPath(new URL('mutations.ts', import.meta.url)), table, {});
  const { mutations } = await import(table);
  let found = 0;
  const chosen = mutations.filter(({ name }) => name.includes(only));
  for (const [index, mutation] of chosen.entries()) {
    if (index + 1 < from) continue;
    const verdict = await tryOne(mutation, join(folder, `${index}.mjs`));
    if (verdict.startsWith('world')) found += 1;
    console.log(`${String(index + 1).padStart(2)}  ${mutation.name.padEnd(62)} ${verdict}`);
  }
  console.log(`${found} of ${chosen.length - from + 1} were found`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function tryOne({ file, find, replace }, outfile) {
  const path = join(src, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) return `the text is not there exactly once: ${file}`;
  await bundle(fileURLToPath(new URL('main.ts', import.meta.url)), outfile, {
    [path]: source.replace(find, () => replace),
  });
  const runner = `${outfile}.run.mjs`;
  writeFileSync(
    runner,
    `import { main } from ${JSON.stringify(outfile)};\nprocess.exitCode = await main(process.argv.slice(2), console.log);\n`,
  );
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [
      '--max-semi-space-size=64',
      runner,
      '--worlds',
      worlds,
      '--seconds',
      seconds,
      '--first',
      '--no-coverage',
    ],
    { encoding: 'utf8' },
  );
  const law = /^broken in 1 worlds \((\d+)\): (.*)$/m.exec(stdout);
  if (law !== null) return `world ${law[1]}: ${law[2]}`;
  if (status !== 0) return `failed: ${stderr.trim().split('\n')[0]}`;
  return `not found in ${/^(\d+) worlds/m.exec(stdout)?.[1]} worlds`;
}
