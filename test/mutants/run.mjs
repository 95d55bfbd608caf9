/** Mutants of the code that handles money, jobs and the network, drawn with a seed, against the simulator and the tests: `npm run mutants -- --seed 1 --count 300`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copy, filesOf, hashOf } from './copy.mjs';
import { instrument } from './instrument.mjs';
import { draw } from './sample.mjs';
import { openSimulator } from './simulator.mjs';
import { openSuite } from './suite.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '300' },
    /** Worlds of the simulator from which those are taken that reach the mutant. */
    worlds: { type: 'string', default: '300' },
    /** Seconds of tests for each mutant, by what they took without one. */
    seconds: { type: 'string', default: '30' },
    /** Only mutants of files whose path contains this. */
    only: { type: 'string', default: '' },
    /** Only those that survived the last run. */
    survivors: { type: 'boolean', default: false },
    /** Prints the draw and tries none. */
    list: { type: 'boolean', default: false },
  },
});
const rooms = ['src/money/', 'src/jobs/', 'src/transport/'];
/** Folders of `test`: those beside the code, which are fast, and those of what uses it. */
const near = ['money', 'jobs', 'transport', 'client'];
const far = ['system', 'work', 'gateways', 'commands'];
/** Worlds that are played before the tests are asked. */
const FEW_WORLDS = 30;
/** A mutant may be met this many times as often as without it, and a few more, before it counts as an endless loop. */
const MORE_HITS = { times: 100, more: 1000 };

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.mutants');
const to = join(folder, 'copy');
const reportPath = join(folder, 'report.json');

const paths = filesOf(root);
const mutated = paths.filter((path) => rooms.some((room) => path.startsWith(room)));
const { files, mutants } = await instrument(root, mutated);
/** By mutant: what killed it last time, or null. */
const last = new Map(readJson(reportPath, []).map(({ key, killed }) => [key, killed]));
const drawn = draw(mutants, values.seed, Number(values.count));
const isAsked = ({ file, key }) =>
  file.includes(values.only) && (!values.survivors || (last.get(key) ?? null) === null);
if (values.list) for (const mutant of drawn.filter(isAsked)) console.log(describe(mutant));
else await tryAll();

async function tryAll() {
  copy(root, to, files);
  const simulator = await openSimulator(to, join(folder, 'worlds.mjs'));
  const suite = await openSuite(to, [...near, ...far]);
  const worlds = await whatWorldsReach(simulator);
  // Those that cost least are asked first; what each leaves alive goes to the next.
  const judges = [
    ['a few worlds', async (mutant) => inWorlds(simulator, worlds, mutant, FEW_WORLDS)],
    ['near tests', await testsOf(suite, near)],
    ['all tests', null],
    ['all worlds', async (mutant) => inWorlds(simulator, worlds, mutant, Number(values.worlds))],
  ];
  const report = drawn.map((mutant) => ({
    ...mutant,
    isLoading: mutant.isLoading || worlds.loading.includes(mutant.id),
    killed: isAsked(mutant) ? null : (last.get(mutant.key) ?? null),
  }));
  // Survivors have been through these worlds, which are among all of them, too.
  for (const [name, judge] of values.survivors ? judges.slice(1) : judges) {
    const left = report.filter((mutant) => mutant.killed === null && isAsked(mutant));
    if (left.length === 0) break;
    const ask = judge ?? (await testsOf(suite, [...near, ...far]));
    for (const [index, mutant] of left.entries()) {
      mutant.killed = await ask(mutant);
      console.log(
        `${name}, ${index + 1} of ${left.length}: ${mutant.killed === null ? 'alive' : 'killed'} ${describe(mutant)}${mutant.killed === null ? '' : `\n    ${mutant.killed}`}`,
      );
      writeFileSync(reportPath, JSON.stringify(report, null, 2));
    }
  }
  await simulator.close();
  await suite.close();
  conclude(report);
}

function conclude(report) {
  const left = report.filter(({ killed }) => killed === null);
  const simulated = report.filter(({ killed }) => killed?.startsWith('world ')).length;
  console.log(
    `${report.length} mutants: ${simulated} killed by the simulator, ${report.length - simulated - left.length} by tests, ${left.length} survived`,
  );
  for (const mutant of left) console.log(describe(mutant));
}

/** The law that breaks in one of `most` worlds that reach the mutant, or null. */
async function inWorlds(simulator, { worlds }, { id, isLoading }, most) {
  const seeds = Object.keys(worlds)
    .map(Number)
    .filter((seed) => isLoading || worlds[seed][id] !== undefined)
    .slice(0, most);
  if (seeds.length === 0) return null;
  const hits = allowance(seeds.map((seed) => worlds[seed][id] ?? 0));
  return simulator.kills(id, seeds, { hits, isLoading });
}

async function testsOf(suite, folders) {
  const tests = await whatTestsReach(suite, (name) =>
    folders.some((one) => name.startsWith(`test/${one}/`)),
  );
  return (mutant) => inTests(suite, tests, mutant);
}

async function inTests(suite, tests, mutant) {
  const chosen = testsFor(tests, mutant);
  if (chosen.length === 0) return null;
  const all = chosen.flatMap(({ tests }) => tests);
  return suite.kills(
    mutant.id,
    chosen.map(({ file, tests }) => ({ file, ids: tests.map(({ id }) => id) })),
    {
      hits: allowance(all.map(({ reached }) => reached[mutant.id] ?? 0)),
      slowest: Math.max(...all.map(({ milliseconds }) => milliseconds)),
      seconds: 30 + 10 * Number(values.seconds),
    },
  );
}

/** The tests that reach the mutant: those beside its file first, then those that take least, as many as there is time for. */
function testsFor(tests, { id, file: source, isLoading }) {
  const ofSource = mutants.filter(({ file }) => file === source).map((one) => one.id);
  const candidates = Object.entries(tests)
    .map(([file, { outside, tests }]) => {
      const found = isLoading
        ? // Whoever loads the file first has met it; whoever uses the file may notice.
          tests.filter(({ reached }) => ofSource.some((other) => reached[other]))
        : tests.filter(({ reached }) => outside[id] || reached[id]);
      return {
        file,
        tests: found,
        milliseconds: found.reduce((sum, test) => sum + test.milliseconds, 0),
      };
    })
    .filter(({ tests }) => tests.length > 0)
    .sort(
      (one, two) =>
        nearness(source, two.file) - nearness(source, one.file) ||
        one.milliseconds - two.milliseconds,
    );
  let left = Number(values.seconds) * 1000;
  return candidates
    .map(({ file, tests }) => ({
      file,
      tests: tests
        .toSorted((one, two) => one.milliseconds - two.milliseconds)
        .filter(({ milliseconds }) => {
          if (milliseconds > left) return false;
          left -= milliseconds;
          return true;
        }),
    }))
    .filter(({ tests }) => tests.length > 0);
}

/** How many folders and beginnings of names two paths share, below `src` and `test`. */
function nearness(source, test) {
  const [ours, theirs] = [source, test].map((path) =>
    path
      .replace(/\.(test\.)?ts$/, '')
      .split('/')
      .slice(1),
  );
  const differs = ours.findIndex((part, index) => part !== theirs[index]);
  const shared = differs < 0 ? ours.length : differs;
  const begins = theirs[shared]?.startsWith(ours[shared] ?? '\0') ? 0.5 : 0;
  return shared + begins;
}

function allowance(counts) {
  return Math.max(...counts) * MORE_HITS.times + MORE_HITS.more;
}

async function whatWorldsReach(simulator) {
  const path = join(folder, 'worlds.json');
  const key = `${values.worlds} ${hashOf(
    root,
    paths.filter(
      (name) =>
        name.startsWith('src/') ||
        name.startsWith('test/simulation/') ||
        name === 'test/mutants/worlds.ts',
    ),
  )}`;
  const known = readJson(path, null);
  if (known?.key === key) return known;
  const { worlds, loading } = await simulator.reached(
    Array.from({ length: Number(values.worlds) }, (_, index) => index + 1),
  );
  const found = { key, worlds, loading };
  writeFileSync(path, JSON.stringify(found));
  return found;
}

/** What was found out about a test file holds until it changes, or the sources, or what tests share. */
async function whatTestsReach(suite, isWanted) {
  const path = join(folder, 'tests.json');
  const shared = hashOf(
    root,
    paths.filter(
      (name) =>
        name.startsWith('src/') ||
        (name.startsWith('test/') && !/\.test\.ts$|^test\/(mutants|simulation)\//.test(name)),
    ),
  );
  // Of the copy: what is run may be older than what is being written.
  const keyOf = (name) => `${shared} ${hashOf(to, [name])}`;
  const files = readJson(path, {});
  const wanted = suite.names.filter(isWanted);
  const stale = wanted.filter((name) => files[name]?.key !== keyOf(name));
  // In parts, so that little is lost if it is interrupted.
  for (let at = 0; at < stale.length; at += 15) {
    const part = stale.slice(at, at + 15);
    console.log(`what tests reach: file ${at + 1} of ${stale.length}`);
    const found = await suite.reached(new Set(part), join(folder, 'reached'));
    for (const name of part)
      files[name] = { key: keyOf(name), ...(found[name] ?? { outside: {}, tests: [] }) };
    writeFileSync(path, JSON.stringify(files));
  }
  return Object.fromEntries(wanted.map((name) => [name, files[name]]));
}

function describe({ file, line, column, mutator, original, replacement }) {
  const short = (text) => text.replace(/\s+/g, ' ').slice(0, 100);
  return `${file}:${line}:${column} ${mutator}: ${short(original)} → ${short(replacement)}`;
}

function readJson(path, otherwise) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : otherwise;
}
