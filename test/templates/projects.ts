/** The four projects, made by the built executable and installed once for all tests: the package is that of `npm pack`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../helpers/executable.ts';

export const npmTemplates = ['agent', 'tui', 'http'] as const;

/** Not those of the npm that started the tests: its prefix and its package are others. No key, no gateway. */
const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|ALLTOKEN_|VITEST|NODE_ENV$)/.test(name)),
);

interface Done {
  code: number | null;
  out: string;
  err: string;
}

export interface Projects {
  folder: string;
  /** Of a template's project. */
  at(template: string): string;
  /** With a home of its own, below the folder. */
  env: Record<string, string>;
  run(argv: readonly string[], cwd: string, env?: Record<string, string>): Promise<Done>;
  remove(): void;
}

/** In a workspace, so that npm resolves and installs what they have in common once. */
export async function makeProjects(): Promise<Projects> {
  const folder = mkdtempSync(join(tmpdir(), 'alltoken-templates-'));
  const env: Record<string, string> = {
    ...inherited,
    ALLTOKEN_HOME: join(folder, 'home'),
    npm_config_update_notifier: 'false',
  };
  const projects: Projects = {
    folder,
    at: (template) => join(folder, template),
    env,
    run: (argv, cwd, more = {}) => run(argv, cwd, { ...env, ...more }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  const wanted = async (argv: readonly string[], cwd: string): Promise<void> => {
    const { code, out, err } = await projects.run(argv, cwd);
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}:\n${out}${err}`);
  };
  // Without scripts: they would build while other tests run what was built.
  await wanted(['npm', 'pack', '--ignore-scripts', '--pack-destination', folder], root);
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  // Of an installed package, whose projects ask the registry for it.
  const installing = ['--prefix', 'tool', '--prefer-offline', '--ignore-scripts', '--no-audit'];
  await wanted(['npm', 'install', ...installing, join(folder, tarball)], folder);
  const executable = join(folder, 'tool/node_modules/alltoken-cli/bin/alltoken.js');
  for (const template of [...npmTemplates, 'python'])
    await wanted(
      [process.execPath, executable, 'init', template, '--template', template, '--no-git'],
      folder,
    );
  const workspace = {
    private: true,
    workspaces: npmTemplates,
    // Satisfies what the projects ask for, which no registry has before a release.
    dependencies: { 'alltoken-cli': `file:${tarball}` },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(workspace));
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await wanted(['npm', 'install', ...flags], folder);
  return projects;
}

function run(
  [program = '', ...words]: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Done> {
  const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
