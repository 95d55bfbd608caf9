/** Connects to an MCP server and makes its tools ours. A server is untrusted: whatever it sends, a call ends in time and with a result. */
import { createHash } from 'node:crypto';
import type { Client } from '@modelcontextprotocol/client';
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { asObject, asText, oneLine, thrownWords } from '../../base/json.ts';
import type { Tool } from '../types.ts';
import type { McpOptions, McpServer, McpTools } from './server.ts';
import { wireName } from './tool-names.ts';
import { canonical, toolResult } from './tool-result.ts';

type McpDeps = Pick<Deps, 'openNetwork' | 'clock' | 'version'>;

/** From the start of the server to its list of tools, in ms. A first `npx` has to download it. */
const START_MS = 60_000;
/** Of a call where nobody else sets a limit, in ms. */
const CALL_MS = 60_000;
/** No limit of an agent is longer, in ms. */
const LONGEST_CALL_MS = 24 * 3_600_000;
const LEAVE_MS = 2_000;
const MAX_TOOLS = 128;
/** Of all definitions together: they are sent, and paid for, with every request. */
const MAX_DEFINITIONS = 256 * 1024;

/** What a server says of one tool. */
interface Listed {
  /** The server's own name. */
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  /** Of everything that the server says of it. */
  hash: string;
}

export interface McpConnection extends McpTools {
  /** By the name of the tool here: a hash of its definition. */
  hashes: ReadonlyMap<string, string>;
  /** The server has ended, or has changed its tools: connect again. */
  readonly isStale: boolean;
}

/** For one connection among others. */
export interface ConnectOptions extends McpOptions {
  /** Names that other tools have. */
  taken?: ReadonlySet<string>;
  /** How messages name the server. */
  label?: string;
  signal?: AbortSignal;
}

/** Throws `CliError`: usage for a bad address, tools that are not there, or too many; local_io or network where it cannot be reached. */
export async function connectMcp(
  server: McpServer,
  options: ConnectOptions,
  deps: McpDeps,
): Promise<McpConnection> {
  const label = options.label ?? ('command' in server ? server.command : hostOf(server.url));
  // The package is large, and few programs use it.
  const [{ openTransport }, { makeClient }] = await Promise.all([
    import('./transports.ts'),
    import('./client.ts'),
  ]);
  const opened = await openTransport(server, deps);
  const { transport } = opened;
  const state = { isClosed: false, hasChanged: false };
  const client = makeClient(deps.version, () => {
    state.hasChanged = true;
  });
  const limit = timeLimit(START_MS, options.signal, deps);
  let isLeft = false;
  const close = async (): Promise<void> => {
    if (isLeft) return;
    isLeft = true;
    state.isClosed = true;
    const end = timeLimit(LEAVE_MS, undefined, deps);
    await Promise.race([opened.leave().catch(() => {}), end.passed]);
    end.forget();
    await client.close().catch(() => {});
  };
  try {
    const wait = { timeout: START_MS, signal: limit.signal };
    client.onclose = () => {
      state.isClosed = true;
    };
    await Promise.race([client.connect(transport, wait), limit.failed]);
    const listing = client.listTools(undefined, wait);
    const listed = chosen(await Promise.race([listing, limit.failed]), options, label);
    const { tools, hashes } = makeTools(listed, options, { client, label, state });
    return {
      tools,
      hashes,
      close,
      get isStale() {
        return state.isClosed || state.hasChanged;
      },
    };
  } catch (error) {
    await close();
    options.signal?.throwIfAborted();
    throw startError(error, label, 'command' in server, opened.lastWords(), limit.signal.aborted);
  } finally {
    limit.forget();
  }
}

interface Serving {
  client: Client;
  label: string;
  state: { readonly isClosed: boolean; readonly hasChanged: boolean };
}

function makeTools(
  listed: readonly Listed[],
  { prefix = '', taken = new Set() }: ConnectOptions,
  serving: Serving,
): Pick<McpConnection, 'tools' | 'hashes'> {
  const names = new Set(taken);
  const hashes = new Map<string, string>();
  const tools = listed.map((one): Tool => {
    const name = wireName(prefix, one.name, names);
    names.add(name);
    hashes.set(name, one.hash);
    const { description, parameters } = one;
    return {
      definition: { type: 'function', function: { name, description, parameters } },
      execute: (args: unknown, context) => callTool(one, args, context?.signal, serving),
    };
  });
  return { tools, hashes };
}

/** Rejects only with the reason of the signal. */
async function callTool(
  { name, hash }: Listed,
  args: unknown,
  signal: AbortSignal | undefined,
  { client, label, state }: Serving,
): Promise<unknown> {
  signal?.throwIfAborted();
  if (state.isClosed) return { error: `the MCP server ${label} has ended`, code: 'mcp_closed' };
  try {
    if (state.hasChanged && !(await isUnchanged(client, name, hash, signal)))
      return {
        error: `the MCP server ${label} has changed this tool; it was not run`,
        code: 'mcp_changed',
      };
    const timeout = signal === undefined ? CALL_MS : LONGEST_CALL_MS;
    const call = { name, arguments: { ...asObject(args) } };
    return toolResult(
      await client.callTool(call, { timeout, ...(signal === undefined ? {} : { signal }) }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    const code = codeOf(error);
    return { error: `${label}: ${messageOf(error)}`, code };
  }
}

/** A server that has announced another list may have put another tool under the name that was chosen and approved. */
async function isUnchanged(
  client: Client,
  name: string,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const wait = { timeout: CALL_MS, ...(signal === undefined ? {} : { signal }) };
  const { tools } = await client.listTools(undefined, { ...wait, cacheMode: 'refresh' });
  return tools.some((one) => one.name === name && hashOf(one) === hash);
}

/** The tools that `allow` names, in its order; all of them without it. */
function chosen(result: unknown, { allow }: McpOptions, label: string): Listed[] {
  const { tools } = asObject(result) ?? {};
  const byName = new Map<string, Listed>();
  for (const one of Array.isArray(tools) ? tools : []) {
    const read = readTool(one);
    if (read !== null && !byName.has(read.name)) byName.set(read.name, read);
  }
  const missing = allow?.find((name) => !byName.has(name));
  if (missing !== undefined)
    throw new CliError('usage', `the MCP server ${label} has no tool ${oneLine(missing)}`, {
      code: 'unknown_tool',
      next: { do: 'say', words: `it has: ${oneLine([...byName.keys()].join(', '))}` },
    });
  const list = allow === undefined ? [...byName.values()] : allow.map((name) => byName.get(name));
  const found = list.flatMap((one) => one ?? []);
  const bytes = Buffer.byteLength(JSON.stringify(found));
  if (found.length > MAX_TOOLS || bytes > MAX_DEFINITIONS)
    throw new CliError(
      'usage',
      `the MCP server ${label} has ${found.length} tools, whose definitions take ${Math.ceil(bytes / 1024)} KB; at most ${MAX_TOOLS} tools and ${MAX_DEFINITIONS / 1024} KB are sent with a request`,
      { code: 'too_many_tools', next: { do: 'say', words: 'name those that are needed in allow' } },
    );
  return found;
}

/** null: nothing that can be called. */
function readTool(value: unknown): Listed | null {
  const tool = asObject(value);
  const name = asText(tool?.name);
  const schema = asObject(tool?.inputSchema);
  const hash = hashOf(value);
  if (name === null || schema === null || hash === null) return null;
  const description = asText(tool?.description) ?? asText(tool?.title) ?? name;
  return { name, description, parameters: { ...schema }, hash };
}

/** null where it is nested too deeply to be one. */
function hashOf(tool: unknown): string | null {
  const { name, title, description, inputSchema, annotations } = asObject(tool) ?? {};
  try {
    const text = canonical([name, title, description, inputSchema, annotations]);
    return createHash('sha256').update(text).digest('hex');
  } catch {
    return null;
  }
}

/** Ends after so many ms, or with the signal. */
function timeLimit(milliseconds: number, signal: AbortSignal | undefined, deps: McpDeps) {
  const stop = new AbortController();
  const forward = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', forward, { once: true });
  if (signal?.aborted) forward();
  const cancel = deps.clock.after(milliseconds, () =>
    stop.abort(new Error(`no answer in ${milliseconds / 1000} s`)),
  );
  const passed = new Promise<void>((resolve) => {
    if (stop.signal.aborted) resolve();
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const failed = passed.then(() => Promise.reject(stop.signal.reason));
  failed.catch(() => {});
  return {
    signal: stop.signal,
    passed,
    failed,
    forget(): void {
      cancel();
      signal?.removeEventListener('abort', forward);
    },
  };
}

function startError(
  error: unknown,
  label: string,
  isProcess: boolean,
  lastWords: string,
  isLate: boolean,
): CliError {
  if (error instanceof CliError) return error;
  const why = isLate ? `no answer in ${START_MS / 1000} s` : messageOf(error);
  const words = oneLine(lastWords);
  const heard = words === '' ? '' : `; its last words: ${words.slice(-300)}`;
  const what = isProcess ? 'cannot be started' : 'cannot be reached';
  return new CliError(
    isProcess ? 'local_io' : 'network',
    `the MCP server ${label} ${what}: ${why}${heard}`,
    {
      code: isProcess ? (systemErrorCode(error) ?? 'mcp_not_started') : 'mcp_not_reached',
      billed: 'no',
      cause: error,
    },
  );
}

/** Of an error of the package, as data. */
function codeOf(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === 'REQUEST_TIMEOUT') return 'timeout';
  return code === 'CONNECTION_CLOSED' || code === 'NOT_CONNECTED' ? 'mcp_closed' : 'mcp_error';
}

function messageOf(error: unknown): string {
  return oneLine(thrownWords(error));
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'with a bad address';
}
