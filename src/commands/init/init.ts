/** The work of `alltoken init`: looks first, then writes, and says what to do next. It asks nothing, and replaces and removes nothing. */
import type { Deps } from '../../base/deps.ts';
import { errorDocument } from '../../base/error-document.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
import { ownPackage } from '../../base/own-package.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { GitState, HalfInitDocument, InitDocument } from '../../schemas/init.ts';
import { resolvePath } from '../../work/input/paths.ts';
import { foundRepository, makeRepository } from './git.ts';
import { installPackages } from './install.ts';
import { commandsFor, dependenciesOf, startBeside } from './kept-manifest.ts';
import { isTemplateName, layers, type TemplateName } from './layers.ts';
import { packageName } from './name.ts';
import type { InitFlags } from './options.ts';
import { findTarget, type PlannedFile, planFiles, type Target } from './target.ts';
import { fillGaps, manifestName, manifestOf, parseManifest, readTemplate } from './template.ts';
import { writeMissing, writeNew } from './write.ts';

type Events = AsyncGenerator<OutputEvent, void, undefined>;

/** A project that stands. */
interface Project {
  template: TemplateName;
  name: string;
  directory: string;
  files: readonly PlannedFile[];
  /** The template's package.json; null for one without. */
  manifest: JsonObject | null;
  git: GitState;
}

export async function* initProject(
  given: string | undefined,
  flags: InitFlags,
  deps: Deps,
): Events {
  const project = await makeProject(given, flags, deps);
  for (const message of accountOf(project, deps)) yield { type: 'status', message };
  const { adopt, start } = await besideKept(project, deps);
  if (adopt.length > 0) yield { type: 'warning', message: keptManifest };
  // Whoever kept a package.json of their own decides what it depends on.
  const installs = project.manifest !== null && flags.install === true && adopt.length === 0;
  if (installs) yield { type: 'status', message: 'npm install …' };
  const failed = installs ? await installPackages(project.directory, deps) : null;
  const isInstalled = installs && failed === null;
  const next = nextLines(project, { adopt, start, isInstalled }, deps);
  yield {
    type: 'status',
    message: `next: ${[...moveTo(project, deps), ...next].join(and(deps))}`,
    to_type: true,
  };
  yield conclusion(project, { next, adopt, isInstalled, failed });
}

const keptManifest =
  'package.json was there before and is kept; it lacks what the next commands add';

async function makeProject(
  given: string | undefined,
  flags: InitFlags,
  deps: Deps,
): Promise<Project> {
  const template = isTemplateName(flags.template) ? flags.template : 'agent';
  if (given === '' || given === '-')
    throw new CliError('usage', 'the directory has no name', {
      code: 'no_directory',
      next: runStep(['init', 'my-project']),
    });
  const directory = resolvePath(given ?? '.', deps);
  const target = await findTarget(directory, deps);
  if (target.state === 'used' && !flags.merge)
    throw new CliError('usage', `${directory} is not empty`, {
      code: 'not_empty',
      next: { ...initStep(given, flags, '--merge'), why: 'to add only the files that are missing' },
    });
  const blank = await readTemplate(template, deps);
  const manifest = manifestOf(blank);
  const dependencies = dependenciesOf(manifest);
  const name = packageName(flags.name, deps.path.basename(directory), dependencies);
  const files = await planFiles(target, fillGaps(blank, { name, package: ownPackage(deps) }), deps);
  const written = await write(target, files, given, flags, deps);
  return { template, name, directory, manifest: manifestOf(written.files), ...written };
}

async function write(
  target: Target,
  files: readonly PlannedFile[],
  given: string | undefined,
  flags: InitFlags,
  deps: Deps,
): Promise<Pick<Project, 'files' | 'git'>> {
  const found = flags.git ? await foundRepository(target, deps) : 'off';
  const git = async (place: string): Promise<GitState> => found ?? makeRepository(place, deps);
  if (target.state === 'absent') {
    const again = initStep(given, flags, ...(flags.merge ? ['--merge'] : []));
    return { files, git: await writeNew(target, files, git, again, deps) };
  }
  const again = initStep(given, flags, '--merge');
  const written = await writeMissing(target.directory, files, again, deps);
  return { files: written, git: await git(target.directory) };
}

/** The command line that means the same, with `more` behind it. */
function initStep(given: string | undefined, flags: InitFlags, ...more: string[]): NextStep {
  return runStep([
    'init',
    ...(given === undefined ? [] : [given]),
    ...(flags.template === 'agent' ? [] : ['--template', flags.template]),
    ...(flags.name === undefined ? [] : ['--name', flags.name]),
    ...(flags.install ? ['--install'] : []),
    ...(flags.git ? [] : ['--no-git']),
    ...more,
  ]);
}

const gitWords: Readonly<Record<GitState, string | null>> = {
  initialized: null,
  exists: null,
  inside: 'no git init: the directory is inside a repository',
  not_found: 'no git init: git was not found',
  failed: 'git init failed; the project is whole without it',
  off: null,
};

function accountOf({ name, directory, files, git, manifest }: Project, deps: Deps): string[] {
  const kept = files.filter(({ action }) => action === 'kept').map((file) => file.name);
  const created = files.length - kept.length;
  return [
    `${created} ${created === 1 ? 'file' : 'files'} created in ${directory}`,
    ...(kept.length === 0 ? [] : [`kept as they were: ${kept.join(', ')}`]),
    ...(name === deps.path.basename(directory) ? [] : [`the package is called ${name}`]),
    ...(gitWords[git] === null ? [] : [gitWords[git]]),
    ...(manifest === null ? [] : localPackage(deps)),
  ];
}

function localPackage(deps: Deps): string[] {
  const own = ownPackage(deps);
  return own.startsWith('file:') ? [`the project takes alltoken-cli from ${own.slice(5)}`] : [];
}

/** What a kept package.json changes: commands that add to it what the template needs, [] where that is nothing, and what starts it. */
async function besideKept(
  { template, directory, files, manifest }: Project,
  deps: Deps,
): Promise<{ adopt: string[]; start: string }> {
  const { start, startOnWindows = start } = layers[template];
  const usual = deps.platform === 'win32' ? startOnWindows : start;
  const isKept = files.some(({ name, action }) => name === manifestName && action === 'kept');
  if (!isKept || manifest === null) return { adopt: [], start: usual };
  const kept = await keptIn(directory, deps);
  return { adopt: commandsFor(kept, manifest), start: startBeside(kept, manifest, usual) };
}

const MAX_MANIFEST = 1024 * 1024;

async function keptIn(directory: string, deps: Deps): Promise<JsonObject | null> {
  try {
    const path = deps.path.join(directory, manifestName);
    const bytes = await deps.files.read(path, MAX_MANIFEST, deps.signal);
    return parseManifest(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function nextLines(
  { manifest }: Project,
  { adopt, start, isInstalled }: { adopt: string[]; start: string; isInstalled: boolean },
  { platform }: Deps,
): string[] {
  const install =
    manifest === null || isInstalled ? [] : adopt.length > 0 ? adopt : ['npm install'];
  return platform === 'win32'
    ? [...install, "$env:ALLTOKEN_GATEWAY='sandbox'", start]
    : [...install, `ALLTOKEN_GATEWAY=sandbox ${start}`];
}

function moveTo({ directory }: Project, { path, workingDirectory }: Deps): string[] {
  const way = path.relative(workingDirectory, directory);
  return way === '' ? [] : [`cd ${shellWord(way.startsWith('..') ? directory : way)}`];
}

/** Between two commands; PowerShell before 7 has no &&. */
function and({ platform }: Deps): string {
  return platform === 'win32' ? '; ' : ' && ';
}

function conclusion(
  { template, name, directory, files, git }: Project,
  outcome: {
    next: string[];
    adopt: readonly string[];
    isInstalled: boolean;
    failed: CliError | null;
  },
): OutputEvent {
  const facts: Omit<InitDocument, 'ok' | 'exit'> = {
    schema: 'alltoken.init.v1',
    command: 'init',
    template,
    name,
    directory,
    files: files.map((file) => ({ path: file.name, action: file.action })),
    git,
    installed: outcome.isInstalled,
    next: outcome.next,
    notes: [
      ...(gitWords[git] === null ? [] : [gitWords[git]]),
      ...(outcome.adopt.length > 0 ? [keptManifest] : []),
    ],
  };
  const content = { text: `${directory}\n` };
  if (outcome.failed === null) {
    const document: InitDocument = { ok: true, exit: EXIT_OK, ...facts };
    return { type: 'output', content, document };
  }
  const error = errorDocument(outcome.failed);
  const document: HalfInitDocument = { ok: false, ...facts, error };
  return { type: 'output', content, document, error };
}
