/** From what was typed to what a server needs: everything is checked before it listens. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import { say } from '../base/next-step.ts';
import { refuseKeyAsName } from '../config/key-as-name.ts';
import type { Key } from '../config/keys.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import { variable } from '../config/variable.ts';
import { findKeyFor } from '../work/connection.ts';
import { newToken, type ServeOptions } from './start.ts';
import { isToken, LEAST_TOKEN } from './token.ts';

/** What `serve` and `run` have in common; amounts in USD, times in seconds. */
export interface CallOptions {
  gateway?: string | undefined;
  baseUrl?: string | undefined;
  timeout?: number | undefined;
  modelAllow?: readonly string[] | undefined;
  fallback?: readonly string[] | undefined;
  onDisconnect?: 'cancel' | 'drain' | undefined;
  maxCost?: string | undefined;
  hold?: number | undefined;
  tags: readonly string[];
}

export interface ListenFlags {
  host: string;
  port: number;
  /** false with --no-token. */
  token: boolean;
  allowHost?: readonly string[] | undefined;
  cors?: readonly string[] | undefined;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  /** A module; true: the default agent. */
  agent?: string | true | undefined;
  maxSessions?: number | undefined;
  /** Bytes; absent: 32 MB. */
  maxBody?: number | undefined;
}

const USUAL_MAX_BODY = 32 * 1024 * 1024;
const USUAL_HOLD_SECONDS = 30;
const MAX_PEM_BYTES = 1024 * 1024;
const TOKEN_VARIABLE = 'ALLTOKEN_SERVE_TOKEN';
const USUAL_SESSIONS = 100;

/** The gateway and its key, and the warnings on the way. Throws as every command does. */
export async function findUpstream(
  flags: CallOptions,
  deps: Deps,
): Promise<{ upstream: { settings: Settings; key: Key | null }; warnings: string[] }> {
  const found = await loadSettings(deps, flags);
  // A time-out is of one call here, and not of the server.
  const settings = { ...found, deadlineAt: null };
  if (settings.gateway.routes.chat === undefined)
    throw new CliError('usage', `${settings.gateway.label} has no chat route`, {
      code: 'unsupported',
    });
  const { key, warnings } = await findKeyFor(settings, deps);
  refuseKeyAsName({ '--tag': flags.tags }, deps.secrets);
  return { upstream: { settings, key }, warnings: [...settings.notes, ...warnings] };
}

/** Throws `CliError` usage or local_io. */
export async function serveOptions(
  flags: CallOptions & ListenFlags,
  deps: Deps,
): Promise<ServeOptions> {
  const { host, port, allowHost = [], cors = [] } = flags;
  return {
    ...callOptions('serve', flags, flags.maxBody ?? USUAL_MAX_BODY),
    host,
    port,
    token: tokenFor(flags, deps),
    allowHosts: allowHost,
    cors,
    tls: await readTls(flags, deps),
    agent: agentWish(flags),
  };
}

/** Of the server of one program: on loopback, on a free port, with a token of its own. */
export function runOptions(flags: CallOptions): ServeOptions {
  return {
    ...callOptions('run', flags, USUAL_MAX_BODY),
    host: '127.0.0.1',
    port: 0,
    token: newToken(),
    allowHosts: [],
    cors: [],
    tls: null,
    agent: null,
  };
}

function agentWish({ agent, maxSessions }: ListenFlags): ServeOptions['agent'] {
  if (agent !== undefined)
    return { module: agent === true ? null : agent, maxSessions: maxSessions ?? USUAL_SESSIONS };
  if (maxSessions === undefined) return null;
  throw new CliError('usage', '--max-sessions needs --agent', {
    code: 'bad_flag',
    next: { do: 'set-flag', flag: '--agent' },
  });
}

function callOptions(
  command: 'serve' | 'run',
  flags: CallOptions,
  maxBody: number,
): Pick<ServeOptions, 'command' | 'tags' | 'maxCost' | 'holdMs' | 'rules'> {
  const { tags, maxCost = null, hold = USUAL_HOLD_SECONDS } = flags;
  return {
    command,
    tags,
    maxCost,
    holdMs: hold * 1000,
    rules: {
      maxBody,
      modelAllow: flags.modelAllow ?? [],
      fallback: flags.fallback ?? [],
      onDisconnect: flags.onDisconnect ?? null,
    },
  };
}

/** A fixed one from the environment, for a server that others are configured for; else a new one. */
function tokenFor({ host, token }: ListenFlags, deps: Deps): string | null {
  if (!token) {
    if (isLoopback(host)) return null;
    throw new CliError('usage', '--no-token: with --host, others on the network could connect', {
      code: 'token_needed',
      next: { do: 'leave-out', flag: '--no-token' },
    });
  }
  const given = variable(deps, TOKEN_VARIABLE);
  if (given === undefined) return newToken();
  if (isToken(given)) return given;
  throw new CliError('usage', `${TOKEN_VARIABLE} is not a valid token`, {
    code: 'bad_token',
    next: say(`use at least ${LEAST_TOKEN} printable characters without blanks`),
  });
}

async function readTls({ tlsCert, tlsKey }: ListenFlags, deps: Deps): Promise<ServeOptions['tls']> {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new CliError('usage', '--tls-cert and --tls-key belong together', { code: 'bad_flag' });
  const read = async (file: string): Promise<Uint8Array> => {
    try {
      return await deps.files.read(deps.path.resolve(deps.workingDirectory, file), MAX_PEM_BYTES);
    } catch (error) {
      const { code } = error as { code?: unknown };
      throw new CliError('usage', `cannot read ${file}`, {
        code: typeof code === 'string' ? code : 'unreadable',
        cause: error,
      });
    }
  };
  const [cert, key] = [await read(tlsCert), await read(tlsKey)];
  const certificate = orRefuse(() => new X509Certificate(cert), `${tlsCert} is not a certificate`);
  const secret = orRefuse(
    () => createPrivateKey(Buffer.from(key)),
    `${tlsKey} is not a private key, or it needs a passphrase`,
  );
  if (!certificate.checkPrivateKey(secret))
    throw badTls(`${tlsKey} is not the key of the certificate in ${tlsCert}`);
  return { cert, key };
}

/** Without it, a server would start with which nobody can connect. */
function orRefuse<T>(read: () => T, problem: string): T {
  try {
    return read();
  } catch (error) {
    throw badTls(`${problem} (PEM)`, error);
  }
}

function badTls(message: string, cause?: unknown): CliError {
  return new CliError('usage', message, { code: 'bad_tls', cause });
}
