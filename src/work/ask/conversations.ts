/** Conversations on disk: one file each, one line a turn, appended with one write(), so that neither a crash nor a second process loses a turn. */
import { secretOf } from '../../base/bounded-json.ts';
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { asObject, isRecord } from '../../base/json.ts';
import type { NextStep } from '../../base/next-step.ts';
import { withoutSecret } from '../../base/redact.ts';
import { withoutSecrets } from '../../base/secrets.ts';
import { isSessionName } from '../../config/session-name.ts';
import { parseDecimal } from '../../money/decimal.ts';
import type { Cost } from '../../schemas/common.ts';

/** The session of a chat without --session, so that -c can continue it. */
export const LAST_SESSION = 'last';
const MAX_BYTES = 64 * 1024 * 1024;
const SUFFIX = '.jsonl';

export interface Message {
  role: 'user' | 'assistant' | 'tool';
  content: unknown;
  /** Of an assistant that calls tools; each has its result behind it. */
  tool_calls?: unknown;
  /** Of a result. */
  tool_call_id?: string;
}

/** One prompt and its answer. */
export interface Turn {
  v: 1;
  at: string;
  gateway: string;
  model: string;
  system: string | null;
  messages: Message[];
  /** Exactly as the gateway reported it, or estimated; absent where it is unknown. */
  cost?: Cost;
  /** The answer broke off, or was stopped. */
  cut?: true;
  /** It was a web search, by a model that may be of no use for the rest. */
  search?: true;
  /** `at` of the turn in whose place it stands; that one was paid for, too. */
  replaces?: string;
}

/** A purchase in a conversation that is no turn of it: an image, or a call without an answer. */
interface Purchase {
  v: 1;
  at: string;
  /** null: it is not known. */
  bought: Cost | null;
}

export interface Conversation {
  name: string;
  /** Those that the next request takes along. */
  turns: Turn[];
  /** Of all that was bought in it, replaced turns too; null where one is not known. */
  costs: (Cost | null)[];
  /** Lines that are no turn: torn by a crash, or written by something else. */
  damaged: number;
  /** Its file is there, with nothing in it. */
  isEmpty: boolean;
}

/** A file of the directory, not opened. */
interface SessionFile {
  name: string;
  /** In ms since 1970. */
  changedAt: number;
  bytes: number;
}

type StoreDeps = Pick<Deps, 'files' | 'path'>;

/** The nearest name that is one. */
function anotherName(name: string): NextStep {
  const near = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return { do: 'set-flag', flag: '--session', value: near === '' ? 'main' : near };
}

/** Throws `CliError` usage for a name that is not a plain file name. `flag`: what stands before it in the message. */
export function checkSessionName(name: string, flag = '--session '): void {
  if (isSessionName(name)) return;
  throw new CliError(
    'usage',
    `${flag}${JSON.stringify(name.slice(0, 80))}: a name is 1 to 64 letters, digits, dots, dashes or underscores, and begins with a letter or digit`,
    { code: 'bad_session_name', ...(flag.startsWith('--') && { next: anotherName(name) }) },
  );
}

/** The file of a conversation, which may not be there. */
export function sessionFile(directory: string, name: string, deps: StoreDeps): string {
  return deps.path.join(directory, `${name}${SUFFIX}`);
}

/** The turns so far; none for a session that does not exist yet. A torn last line is skipped. */
export async function readSession(
  directory: string,
  name: string,
  deps: StoreDeps,
): Promise<Conversation> {
  let bytes: Uint8Array;
  try {
    bytes = await deps.files.read(sessionFile(directory, name, deps), MAX_BYTES);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return { name, turns: [], costs: [], damaged: 0, isEmpty: false };
    throw new CliError('local_io', `session ${name} cannot be read: ${inPlainWords(error)}`, {
      code: code ?? 'read_failed',
      billed: 'no',
      cause: error,
    });
  }
  const turns: Turn[] = [];
  const costs: Conversation['costs'] = [];
  let damaged = 0;
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    if (line === '') continue;
    const json = parsed(line);
    const turn = json === null ? null : readTurn(json);
    if (json?.v === 1 && json.bought !== undefined) costs.push(readCost(json.bought));
    else if (turn === null) damaged += 1;
    else {
      costs.push(turn.cost ?? null);
      addTurn(turns, turn);
    }
  }
  return { name, turns, costs, damaged, isEmpty: bytes.length === 0 };
}

/** Why some of it is not sent; null: all of it is whole. */
export function damagedWords({ name, damaged, isEmpty }: Conversation): string | null {
  if (isEmpty) return `session ${name}: its file is empty; nothing is left of it`;
  if (damaged === 0) return null;
  const lines =
    damaged === 1
      ? '1 line of it cannot be read and is'
      : `${damaged} lines of it cannot be read and are`;
  return `session ${name}: ${lines} left out`;
}

/** Adds a turn, in the place of the one that it replaces. */
export function addTurn(turns: Turn[], turn: Turn): void {
  const at = turns.findLastIndex((one) => one.at === turn.replaces);
  if (turn.replaces !== undefined && at !== -1) turns.splice(at, 1);
  turns.push(turn);
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return null;
  }
}

function readCost(value: unknown): Cost | null {
  const { amount, currency, source } = asObject(value) ?? {};
  const isKnown = typeof amount === 'string' && parseDecimal(amount) !== null && currency === 'USD';
  return isKnown
    ? { amount, currency, source: source === 'catalog' ? 'catalog' : 'gateway' }
    : null;
}

function readTurn(turn: Readonly<Record<string, unknown>>): Turn | null {
  const { v, messages, gateway, model } = turn;
  // What a gateway would refuse is refused with each message from then on.
  if (v !== 1 || !Array.isArray(messages) || !messages.every(isMessage)) return null;
  if ([gateway, model].some((name) => name !== undefined && typeof name !== 'string')) return null;
  const cost = readCost(turn.cost);
  return {
    v: 1,
    at: textOf(turn.at),
    gateway: textOf(turn.gateway),
    model: textOf(turn.model),
    system: typeof turn.system === 'string' ? turn.system : null,
    messages,
    ...(cost !== null && { cost }),
    ...(turn.cut === true && { cut: true }),
    ...(turn.search === true && { search: true }),
    ...(typeof turn.replaces === 'string' && { replaces: turn.replaces }),
  };
}

function isMessage(value: unknown): value is Message {
  const message = asObject(value);
  if (message === null) return false;
  const { role, content, tool_calls: calls, tool_call_id: id } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'tool') return false;
  if (calls !== undefined && !(Array.isArray(calls) && calls.every(isRecord))) return false;
  if (id !== undefined && typeof id !== 'string') return false;
  if (Array.isArray(content)) return content.every(isRecord);
  return content == null || typeof content === 'string';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The session that changed last and has something in it, for --continue; null when there is none. */
export async function newestSession(directory: string, deps: StoreDeps): Promise<string | null> {
  const { files } = await sessionFiles(directory, deps);
  return files.find(({ bytes }) => bytes > 0)?.name ?? null;
}

/** Every conversation, the one that changed last first; `strange`: names that are none of ours. Throws `CliError` local_io. */
export async function sessionFiles(
  directory: string,
  deps: StoreDeps,
): Promise<{ files: SessionFile[]; strange: string[] }> {
  const files: SessionFile[] = [];
  const strange: string[] = [];
  for (const file of await namesIn(directory, deps)) {
    if (!file.endsWith(SUFFIX)) continue;
    const name = file.slice(0, -SUFFIX.length);
    if (!isSessionName(name)) {
      strange.push(file);
      continue;
    }
    const path = sessionFile(directory, name, deps);
    const status = await deps.files.status(path).catch(() => null);
    if (status?.isDirectory) strange.push(file);
    // A link to nowhere, or one that has just gone, is not there.
    else if (status !== null)
      files.push({ name, changedAt: status.changedAt, bytes: status.bytes });
  }
  files.sort((a, b) => b.changedAt - a.changedAt || (a.name < b.name ? -1 : 1));
  return { files, strange };
}

async function namesIn(directory: string, { files }: StoreDeps): Promise<string[]> {
  try {
    return await files.list(directory);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    const words = `the conversations in ${directory} cannot be read: ${inPlainWords(error)}`;
    throw new CliError('local_io', words, {
      code,
      billed: 'no',
      next: { do: 'retry', first: 'check the permissions' },
      cause: error,
    });
  }
}

/** As a line, without the key: as a text of it, and as it is escaped in one. */
function written(turn: Turn | Purchase, key: string | null): string {
  const secret = secretOf(key);
  const secrets = new Set(secret === null ? [] : [secret]);
  return withoutSecret(JSON.stringify(withoutSecrets(turn, secrets)), secret);
}

/** Adds a turn, or a purchase; `fresh` starts the file over. `key`: is not saved, whoever wrote it. Returns null, or why the turn is not saved. */
export async function saveTurn(
  directory: string,
  name: string,
  turn: Turn | Purchase,
  { fresh, key }: { fresh: boolean; key: string | null },
  deps: StoreDeps,
): Promise<string | null> {
  const file = sessionFile(directory, name, deps);
  const line = written(turn, key);
  try {
    const before = fresh ? null : await deps.files.status(file);
    // A longer file could not be read again.
    if ((before?.bytes ?? 0) + Buffer.byteLength(line) + 2 > MAX_BYTES)
      return `the conversation is not saved: ${file} would be larger than 64 MB`;
    await deps.files.makeDirectory(directory);
    // An unnamed conversation is a convenience: nobody waits for the disk to have it.
    await (fresh
      ? deps.files.replace(file, `${line}\n`, { durable: false })
      : deps.files.appendLine(file, line));
    return null;
  } catch (error) {
    return notSaved(directory, error);
  }
}

/** A whole conversation without a name, in place of the last one. Returns null, or why it is not saved. */
export async function saveTurns(
  directory: string,
  name: string,
  lines: readonly (Turn | Purchase)[],
  key: string | null,
  deps: StoreDeps,
): Promise<string | null> {
  const file = sessionFile(directory, name, deps);
  const text = lines.map((line) => `${written(line, key)}\n`).join('');
  if (Buffer.byteLength(text) > MAX_BYTES)
    return `the conversation is not saved: ${file} would be larger than 64 MB`;
  try {
    await deps.files.makeDirectory(directory);
    await deps.files.replace(file, text, { durable: false });
    return null;
  } catch (error) {
    return notSaved(directory, error);
  }
}

function notSaved(directory: string, error: unknown): string {
  return `the conversation is not saved: cannot write ${directory} (${systemErrorCode(error) ?? 'unknown error'})`;
}

/** Of the file; null where there is none, or it cannot be looked at. */
export async function sessionStatus(
  directory: string,
  name: string,
  deps: StoreDeps,
): Promise<{ bytes: number; changedAt: number } | null> {
  return deps.files.status(sessionFile(directory, name, deps)).catch(() => null);
}
