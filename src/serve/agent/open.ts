/** The agent of `serve --agent`: its calls go through the same proxy, so that its budgets, its total and its ledger hold for them, too. */
import { pathToFileURL } from 'node:url';
import { AgentCore } from '../../agent/agent.ts';
import { calculatorTool } from '../../agent/tools/calculator.ts';
import { makeTimeTool } from '../../agent/tools/time.ts';
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { innerDeps } from '../../base/inner-deps.ts';
import { isRecord, oneLine, thrownWords } from '../../base/json.ts';
import { type NextStep, type NextSteps, say } from '../../base/next-step.ts';
import { ownPackage } from '../../base/own-package.ts';
import { isAgent, type MakeAgent } from './sessions.ts';

export interface AgentWish {
  /** Path of a module whose default export makes an agent; null: the default agent. */
  module: string | null;
  maxSessions: number;
}

/**
 * `variables`: by which agents find the proxy. Throws `CliError` usage for a module that cannot be loaded, or makes no agent.
 */
export async function agentMaker(
  module: string | null,
  variables: Readonly<Record<string, string | undefined>>,
  deps: Deps,
): Promise<MakeAgent> {
  if (module === null) {
    const inner = innerDeps(deps, { env: { ...deps.env, ...variables } });
    const tools = [makeTimeTool(() => deps.clock.now()), calculatorTool];
    return () => new AgentCore({ tools }, inner);
  }
  const make = await loadMaker(module, variables, deps);
  // The first one is made at once: a mistake shows before anybody calls.
  let first: unknown;
  try {
    first = await make();
  } catch (error) {
    const next = say(`mend it${placeIn(error, deps.path.resolve(deps.workingDirectory, module))}`);
    const words = oneLine(thrownWords(error));
    throw badModule(`${module}: its default export threw: ${words}`, error, next);
  }
  if (!isAgent(first))
    throw badModule(`${module}: its default export makes no agent`, undefined, rightEnd);
  let spare: unknown = first;
  return () => {
    const agent = spare ?? make();
    spare = null;
    return agent;
  };
}

async function loadMaker(
  module: string,
  variables: Readonly<Record<string, string | undefined>>,
  deps: Deps,
): Promise<() => unknown> {
  const file = deps.path.resolve(deps.workingDirectory, module);
  let loaded: unknown;
  try {
    loaded = await deps.loadModule(file, variables);
  } catch (error) {
    throw await cannotLoad(module, file, error, deps);
  }
  // Of a CommonJS module the default is the whole, in which TypeScript puts another.
  let found: unknown = isRecord(loaded) ? loaded.default : undefined;
  if (isRecord(found) && 'default' in found) found = found.default;
  if (isMaker(found)) return found;
  const words = `${module}: its default export has to be a function that makes an agent`;
  throw badModule(words, undefined, rightEnd);
}

const rightEnd = say('end it with: export default () => createAgent({ … })');

const theDefault: NextStep = {
  do: 'set-flag',
  flag: '--agent',
  why: 'serve the default agent, without a path,',
};

/** Why, in the order of what can be seen: the path, a module that it imports, what it throws. */
async function cannotLoad(
  module: string,
  file: string,
  error: unknown,
  deps: Deps,
): Promise<CliError> {
  const status = await deps.files.status(file).catch(() => null);
  if (status === null)
    return badModule(`${file} does not exist`, error, [say('correct the path'), theDefault]);
  if (status.isDirectory)
    return badModule(`${file} is a directory`, error, [say('name the module in it'), theDefault]);
  const words = `cannot load ${module}: ${oneLine(thrownWords(error))}`;
  if (systemErrorCode(error) !== 'ERR_MODULE_NOT_FOUND') {
    const look: NextStep = { do: 'run', argv: ['node', file], why: 'see where' };
    return badModule(words, error, look);
  }
  // Node names the address of a file that is missing, and none for a package.
  const isFile = isRecord(error) && typeof error.url === 'string';
  return badModule(words, error, isFile ? say('correct that import') : installPackage(file, deps));
}

/** Where in the module, if the stack says it: an ES module stands there by its URL. */
function placeIn(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const name = [pathToFileURL(file).href, file].find((one) => stack.includes(`${one}:`));
  if (name === undefined) return '';
  const place = /^\d+:\d+/.exec(stack.slice(stack.indexOf(`${name}:`) + name.length + 1))?.[0];
  return place === undefined ? '' : ` at ${file}:${place}`;
}

function isMaker(value: unknown): value is () => unknown {
  return typeof value === 'function';
}

/** A module finds packages from its own folder, and not where this program is. */
function installPackage(file: string, deps: Deps): NextStep {
  const own = ownPackage(deps);
  const name = own.startsWith('file:') ? own.slice(5) : `alltoken-cli@${own}`;
  const argv = ['npm', 'install', '--prefix', deps.path.dirname(file), name];
  return { do: 'run', argv, why: 'if it is alltoken-cli that is missing there' };
}

function badModule(message: string, cause?: unknown, next?: NextSteps): CliError {
  return new CliError('usage', message, { code: 'bad_agent', billed: 'no', cause, next });
}
