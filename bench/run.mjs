/** `npm run bench`: sets up, runs the sections, prints the tables, cleans up; README.md says what they mean. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cleanEnvironment, findCurl, findJq, findPython, requireCli } from './contestants.mjs';
import { startServer } from './measure.mjs';
import { killAll, makePipe } from './process.mjs';
import { machineFacts, saveBetweenMarkers, sectionTable, summary } from './report.mjs';
import { sections } from './sections.mjs';

const usage = `usage: node bench/run.mjs [--only NAME,...] [--runs N] [--quick] [--save]
names: ${Object.keys(sections).join(', ')}`;

function readArguments() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',').map((name) => name.trim()) ?? null;
  const unknown = only?.find((name) => !Object.hasOwn(sections, name));
  if (unknown !== undefined) throw new Error(`no section "${unknown}"`);
  if (values.runs !== undefined && !/^[1-9]\d{0,3}$/.test(values.runs)) {
    throw new Error('--runs wants a number from 1');
  }
  if (values.save && (only || process.env.BENCH_CLI)) {
    throw new Error('--save wants a full run of this build, without --only and BENCH_CLI');
  }
  return { ...values, only };
}

async function measureAll(bench, { only, runs, quick }) {
  const parts = [];
  const tables = [];
  for (const name of Object.keys(sections).filter((each) => only?.includes(each) ?? true)) {
    const section = sections[name];
    const count = runs ? Number(runs) : quick ? section.quickRuns : section.runs;
    process.stderr.write(`bench: ${name}, runs of each: ${count}\n`);
    for (const table of [await section.measure(bench, count)].flat()) {
      tables.push(table);
      parts.push(sectionTable(table, count));
    }
  }
  return [machineFacts(bench), ...parts, summary(tables)].join('\n\n');
}

async function main(options) {
  requireCli();
  const directory = mkdtempSync(join(tmpdir(), 'alltoken-bench-'));
  process.on('exit', () => {
    killAll();
    rmSync(directory, { recursive: true, force: true });
  });
  const home = join(directory, 'home');
  mkdirSync(home);
  const env = cleanEnvironment(home);
  const server = await startServer(fileURLToPath(new URL('server.mjs', import.meta.url)), env);
  const pipe = makePipe(join(directory, 'stdout'));
  const tools = { python: findPython(), curl: findCurl(), jq: findJq() };
  const bench = { directory, env, server, pipe, ...tools };
  const report = await measureAll(bench, options);
  server.stop();
  process.stdout.write(`${report}\n`);
  if (options.save)
    saveBetweenMarkers(fileURLToPath(new URL('README.md', import.meta.url)), report);
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

let options;
try {
  options = readArguments();
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n${usage}\n`);
  process.exit(2);
}
try {
  await main(options);
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exit(1);
}
