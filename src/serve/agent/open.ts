/** The agent of `serve --agent`: its calls go through the same proxy, so that its budgets, its total and its ledger hold for them, too. */
import { AgentCore } from '../../agent/agent.ts';
import { calculatorTool } from '../../agent/tools/calculator.ts';
import { makeTimeTool } from '../../agent/tools/time.ts';
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { innerDeps } from '../../base/inner-deps.ts';
import { isRecord, oneLine, thrownWords } from '../../base/json.ts';
import type { NextStep } from '../../base/next-step.ts';
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
    throw badModule(`${module}: its default export threw: ${oneLine(thrownWords(error))}`, error);
  }
  if (!isAgent(first)) throw badModule(`${module}: its default export makes no agent`);
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
    const next = await missingPackage(file, error, deps);
    throw badModule(`cannot load ${module}: ${oneLine(thrownWords(error))}`, error, next);
  }
  // Of a CommonJS module the default is the whole, in which TypeScript puts another.
  let found: unknown = isRecord(loaded) ? loaded.default : undefined;
  if (isRecord(found) && 'default' in found) found = found.default;
  if (isMaker(found)) return found;
  throw badModule(`${module}: its default export has to be a function that makes an agent`);
}

function isMaker(value: unknown): value is () => unknown {
  return typeof value === 'function';
}

/** A module finds packages from its own folder, and not where this program is. undefined: nothing it imports is missing. */
async function missingPackage(
  file: string,
  error: unknown,
  deps: Deps,
): Promise<NextStep | undefined> {
  const isThere = await deps.files.isTaken(file).catch(() => false);
  if (!isThere || systemErrorCode(error) !== 'ERR_MODULE_NOT_FOUND') return undefined;
  const own = ownPackage(deps);
  const name = own.startsWith('file:') ? own.slice(5) : `alltoken-cli@${own}`;
  const argv = ['npm', 'install', '--prefix', deps.path.dirname(file), name];
  return { do: 'run', argv, why: 'if it is alltoken-cli that is missing there' };
}

function badModule(message: string, cause?: unknown, next?: NextStep): CliError {
  return new CliError('usage', message, { code: 'bad_agent', billed: 'no', cause, next });
}
