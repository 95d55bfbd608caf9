/** The two ways to an MCP server, made of the official package: a process of this machine, and streamable http over our own network. Loaded only where a server is used. */
import { StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Deps, Send } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { isLoopback } from '../../base/loopback.ts';
import type { McpHttpServer, McpServer, McpStdioServer } from './server.ts';

/** Of one message, in bytes. */
const MAX_MESSAGE = 4 * 1024 * 1024;
/** Of one response, however many messages it has, in bytes. */
const MAX_RESPONSE = 16 * MAX_MESSAGE;
/** Of the last words of a server on its error output, in UTF-16 units. */
const MAX_WORDS = 2000;
const CONNECT_TIMEOUT_MS = 10_000;

export interface OpenTransport {
  transport: Transport;
  /** What the server wrote to its error output last; '' where it has none. */
  lastWords(): string;
  /** Tells the server that its session ends. */
  leave(): Promise<void>;
}

/** Throws `CliError` usage for an address that is not https, and not on this machine. */
export async function openTransport(
  server: McpServer,
  deps: Pick<Deps, 'openNetwork'>,
): Promise<OpenTransport> {
  return 'command' in server ? openProcess(server) : openHttp(server, deps);
}

/** The package itself closes where a start fails or a message is too long, and a second `close` of its would not wait until the process has ended. */
class ProcessTransport extends StdioClientTransport {
  private closing: Promise<void> | null = null;

  override close(): Promise<void> {
    this.closing ??= super.close();
    return this.closing;
  }
}

/** The environment is what the package takes to be safe (HOME, PATH, TERM and the like) and what is named. */
function openProcess({ command, args = [], env = {} }: McpStdioServer): OpenTransport {
  const transport = new ProcessTransport({
    command,
    args: [...args],
    env: { ...env },
    // Its words are no output of ours.
    stderr: 'pipe',
    maxBufferSize: MAX_MESSAGE,
  });
  const decoder = new TextDecoder();
  let words = '';
  transport.stderr?.on('data', (bytes: Uint8Array) => {
    words = (words + decoder.decode(bytes, { stream: true })).slice(-MAX_WORDS);
  });
  return { transport, lastWords: () => words, leave: async () => {} };
}

async function openHttp(
  { url, headers = {} }: McpHttpServer,
  deps: Pick<Deps, 'openNetwork'>,
): Promise<OpenTransport> {
  const address = URL.canParse(url) ? new URL(url) : null;
  const isSafe =
    address?.protocol === 'https:' ||
    (address?.protocol === 'http:' && isLoopback(address.hostname));
  if (address === null || !isSafe)
    throw new CliError('usage', 'an MCP server needs an https address, or http on this machine', {
      code: 'bad_mcp_url',
    });
  const send = await deps.openNetwork({ connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const transport = new StreamableHTTPClientTransport(address, {
    fetch: fetchOver(send),
    requestInit: { headers: { ...headers } },
  });
  return { transport, lastWords: () => '', leave: () => transport.terminateSession() };
}

/** Headers of a reply that the package reads. */
const readHeaders = ['content-type', 'mcp-session-id', 'www-authenticate', 'location'] as const;

/** `fetch` as the package needs it, over our own network: proxies, certificates and time-outs are those of every request. */
function fetchOver(send: Send): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init = {}) => {
    const signal = init.signal ?? new AbortController().signal;
    const reply = await send({
      method: methodOf(init.method),
      url: String(url),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? init.body : undefined,
      // A tool may do anything, so no request is sent over a connection that may be half closed.
      paid: init.method === 'POST',
      signal,
    });
    const headers = new Headers();
    for (const name of readHeaders) {
      const value = reply.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    const status = reply.status >= 200 && reply.status <= 599 ? reply.status : 502;
    const hasBody = status !== 204 && status !== 205 && status !== 304;
    if (!hasBody) reply.discard();
    return new Response(hasBody ? bodyOf(reply) : null, { status, headers });
  };
}

function methodOf(name = 'GET'): 'GET' | 'POST' | 'DELETE' {
  return name === 'POST' || name === 'DELETE' ? name : 'GET';
}

/** What a server sends on and on without a line end is cut off. */
function bodyOf(reply: Awaited<ReturnType<Send>>): ReadableStream<Uint8Array> {
  const type = reply.headers.get('content-type') ?? '';
  const isStream = type.includes('event-stream');
  let held = 0;
  let total = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = await reply.read();
      if (bytes === null) {
        controller.close();
        return;
      }
      // An event ends with a line; the bytes of a document are held until its end.
      const end = isStream ? bytes.lastIndexOf(10) : -1;
      held = end === -1 ? held + bytes.length : bytes.length - end;
      total += bytes.length;
      if (held <= MAX_MESSAGE && total <= MAX_RESPONSE) {
        controller.enqueue(bytes);
        return;
      }
      reply.discard();
      controller.error(new RangeError('the MCP server sends more than is read'));
    },
    cancel: () => reply.discard(),
  });
}
