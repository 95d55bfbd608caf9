/** The unit tests over the instrumented copy: which mutants each test reaches, and whether a test fails once one is on. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createVitest } from 'vitest/node';

/** A test has this long to wait for what never comes, ms, and so often what the slowest of the chosen ones took; then it is asked `again`, with more. */
const PATIENCE = { milliseconds: 5000, times: 10, again: 2, most: 60_000 };

/**
 * @param {string} root the instrumented copy
 * @param {string[]} folders of `test` whose tests are asked
 */
export async function openSuite(root, folders) {
  const vitest = await createVitest('test', {
    root,
    config: join(root, 'test/mutants/vitest.config.ts'),
    watch: false,
    reporters: [{}],
  });
  const nameOf = ({ moduleId }) => relative(root, moduleId).replaceAll('\\', '/');
  const all = (await vitest.globTestSpecifications()).filter((specification) =>
    folders.some((folder) => nameOf(specification).startsWith(`test/${folder}/`)),
  );
  const settings = [vitest.config, ...all.map(({ project }) => project.config)];

  async function run(specifications, { bail, timeout, env }) {
    for (const config of settings)
      Object.assign(config, { bail, testTimeout: timeout, hookTimeout: timeout });
    Object.assign(process.env, env);
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
    for (const name of Object.keys(env)) delete process.env[name];
    const wanted = new Set(specifications.map(({ moduleId }) => moduleId));
    return { modules: testModules.filter(({ moduleId }) => wanted.has(moduleId)), unhandledErrors };
  }

  /**
   * Runs these test files, or all: by file, what each test of it reaches, what is reached outside of its tests, and how
   * long each takes, ms. A test that fails without any mutant is left out.
   */
  async function reached(names, folder) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const chosen = all.filter((specification) => names.has(nameOf(specification)));
    if (chosen.length === 0) return {};
    const env = { MUTANT_REACHED: folder };
    const { modules } = await run(chosen, { bail: 0, timeout: 60_000, env });
    const saved = new Set(readdirSync(folder));
    const files = {};
    for (const module of modules) {
      const { outside, perTest } = saved.has(`${module.id}.json`)
        ? JSON.parse(readFileSync(join(folder, `${module.id}.json`), 'utf8'))
        : { outside: {}, perTest: {} };
      const tests = [...module.children.allTests('passed')].map((test) => ({
        id: test.id,
        milliseconds: test.diagnostic()?.duration ?? 0,
        reached: perTest[test.id] ?? {},
      }));
      files[nameOf(module)] = { outside, tests };
    }
    return files;
  }

  /**
   * Whether one of the tests fails with the mutant on. `chosen`: by file, the ids of its tests, in the order in which the
   * files are to run.
   */
  async function kills(mutant, chosen, { hits, slowest, seconds }) {
    const specifications = chosen.map(({ file, ids }) => {
      const { project, moduleId } = all.find((specification) => nameOf(specification) === file);
      return project.createSpecification(moduleId, { testIds: ids });
    });
    const env = { MUTANT: mutant, MUTANT_HITS: String(hits), MUTANT_CPU_SECONDS: String(seconds) };
    // A test that waits for what never comes does so with more time, too; one on a busy machine does not.
    for (const times of [1, PATIENCE.again]) {
      const enough = PATIENCE.milliseconds + PATIENCE.times * slowest;
      const timeout = times * Math.min(enough, PATIENCE.most);
      const failure = failureOf(await run(specifications, { bail: 1, timeout, env }));
      if (!/timed out in/.test(failure ?? '') || times > 1) return failure;
    }
    return null;
  }

  function failureOf({ modules, unhandledErrors }) {
    for (const module of modules) {
      for (const test of module.children.allTests('failed'))
        return `${nameOf(module)} > ${test.fullName}: ${line(test.result().errors[0])}`;
      if (module.state() === 'failed') return `${nameOf(module)}: ${line(module.errors()[0])}`;
    }
    return unhandledErrors.length > 0 ? line(unhandledErrors[0]) : null;
  }

  return { names: all.map(nameOf), reached, kills, close: () => vitest.close() };
}

function line(error) {
  return String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 120);
}
