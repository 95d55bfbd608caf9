/** The proxy of a world and the programs that call it: a server that is started again when it has died, and clients as the OpenAI libraries make them. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { SignalReceived } from '../../src/base/errors.ts';
import type { Line, Loopback } from './loopback.ts';
import { argvOf, PORT } from './own-commands.ts';
import type { Process } from './process.ts';
import { Random } from './random.ts';
import { type ClientCall, type OwnCommand, probeOf, SERVER, type ServePlan } from './serve-plan.ts';
import type { World } from './world.ts';

/** How often it is started. */
const STARTS = 6;

/** Every process has it in its environment. */
export const SERVE_TOKEN = 'token-of-the-simulated-proxy-0123456789';

export function isServe({ argv }: Pick<Process, 'argv'>): boolean {
  return argv[0] === 'serve';
}

/** One request of a client, and what came of it. */
export interface Try {
  client: string;
  call: ClientCall;
  body: string;
  /** It counts itself as one that was sent before. */
  isRetry: boolean;
  line: Line;
  /** ms of the world. */
  at: number;
  overAt: number;
  /** null: no head came. */
  status: number | null;
  headers: IncomingHttpHeaders;
  /** Those of the head, where the reply is no stream. */
  trailers: Readonly<Record<string, string | undefined>>;
  text: string;
  /** `left`: by the client itself. */
  end: 'whole' | 'broken' | 'left';
}

export class ProxyActors {
  readonly tries: Try[] = [];
  /** The call at the end; null: it was not made. */
  probe: Try | null = null;
  /** When the last server was told to end, ms of the world. */
  stoppedAt = Number.POSITIVE_INFINITY;
  readonly #world: World;
  readonly #plan: ServePlan;
  readonly #loopback: Loopback;
  #starts = 0;
  #isOver = false;

  constructor(world: World, plan: ServePlan, loopback: Loopback) {
    this.#world = world;
    this.#plan = plan;
    this.#loopback = loopback;
  }

  /** Resolves when all clients are done; the server goes on. */
  async play(): Promise<void> {
    void this.#keepServing();
    await Promise.all([
      ...this.#plan.clients.map((calls, index) => this.#playClient(`c${index}`, calls)),
      ...(this.#plan.own ?? []).map((command) => this.#playOwn(command)),
    ]);
  }

  async #playOwn(command: OwnCommand): Promise<void> {
    const world = this.#world;
    await world.pause(command.after);
    await world.untilOn();
    await world.machine.start(command.number, argvOf(command));
  }

  /** Everything works again: one more call is served, and then the server is told to end. */
  async settle(): Promise<void> {
    const world = this.#world;
    await world.pause(60_000);
    // It has died too often to be started again by itself.
    if (this.#running() === undefined) {
      void this.#start();
      await world.pause(10_000);
    }
    const { seed } = world.program;
    this.probe = await this.#try('probe', probeOf(seed), 0, new Random(seed, 'probe'));
    // Longer than a lease is held without a call.
    if (seed % 2 === 0) await world.pause(10_000);
    this.#isOver = true;
    this.stoppedAt = world.time.now;
    const server = this.#running();
    if (server === undefined) return;
    // No disturbance: it is how a server ends.
    if (!server.stop.signal.aborted) server.stop.abort(new SignalReceived('SIGTERM'));
    await server.ended;
  }

  #running(): Process | undefined {
    return this.#world.machine.running().find(isServe);
  }

  /** As a supervisor does. */
  async #keepServing(): Promise<void> {
    const world = this.#world;
    while (this.#starts < STARTS && !this.#isOver) {
      await world.untilOn();
      const { random } = await this.#start();
      await world.pause(random.between(200, 2000));
    }
  }

  #start(): Promise<Process> {
    const number = SERVER + this.#starts;
    this.#starts += 1;
    return this.#world.machine.start(number, this.#plan.argv);
  }

  async #playClient(name: string, calls: readonly ClientCall[]): Promise<void> {
    const world = this.#world;
    const random = new Random(world.program.seed, `client ${name}`);
    // The server is there first, mostly.
    await world.pause(random.pick([500, 1000, 1000, 3000]));
    for (const call of calls) {
      await world.pause(call.after);
      for (let tried = 0; tried <= call.retries; tried += 1) {
        const one = await this.#try(name, call, tried, random);
        if (!triesAgain(one)) break;
        const asked = Number(one.headers['retry-after'] ?? 0) * 1000;
        // As the libraries: what is asked for, up to a minute, or half a second and more.
        await world.pause(
          asked > 0 && asked <= 60_000 ? asked : random.between(400, 500 * 2 ** (tried + 1)),
        );
      }
    }
  }

  #try(client: string, call: ClientCall, tried: number, random: Random): Promise<Try> {
    const world = this.#world;
    const { time } = world;
    const body = bodyOf(call);
    const line = this.#loopback.connect(PORT, random);
    const one: Try = {
      ...{
        client,
        call,
        body,
        line,
        at: time.now,
        overAt: time.now,
        isRetry: call.isLibrary && tried > 0,
      },
      ...{ status: null, headers: {}, trailers: {}, text: '', end: 'broken' },
    };
    this.tries.push(one);
    const note = (what: () => string): void => world.trace.add(time.now, client, what);
    note(() => `sends #${call.number}${tried > 0 ? `, again (${tried})` : ''}`);
    return new Promise((resolve) => {
      let isOver = false;
      const over = (end: Try['end']): void => {
        if (isOver) return;
        isOver = true;
        if (waiting !== null) waiting.cancelled = true;
        Object.assign(one, { end, overAt: time.now });
        note(
          () =>
            `${end}: ${one.status} ${JSON.stringify(one.trailers)} ${one.text.length} characters`,
        );
        resolve(one);
      };
      const leave = (): void => {
        over('left');
        request.destroy();
      };
      const waiting = call.patience === null ? null : time.after(call.patience, leave);
      const request = httpRequest(
        {
          ...{ method: 'POST', path: '/v1/chat/completions', createConnection: () => line.stream },
          headers: {
            host: `127.0.0.1:${PORT}`,
            authorization: `Bearer ${SERVE_TOKEN}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            ...(call.isLibrary && { 'x-stainless-retry-count': String(tried) }),
            ...(call.key !== null && { 'idempotency-key': call.key }),
            ...call.headers,
          },
        },
        (response) => {
          if (waiting !== null) waiting.cancelled = true;
          Object.assign(one, { status: response.statusCode ?? 0, headers: response.headers });
          const parts: Buffer[] = [];
          let size = 0;
          const take = (): void => {
            one.text = Buffer.concat(parts).toString();
          };
          response.on('data', (bytes: Buffer) => {
            parts.push(bytes);
            size += bytes.length;
            if (call.leavesAt === null || size < call.leavesAt) return;
            take();
            leave();
          });
          response.on('end', () => {
            if (isOver) return;
            take();
            one.trailers = { ...headersOfOurs(response.headers), ...response.trailers };
            over(response.complete ? 'whole' : 'broken');
          });
          response.on('error', () => {});
          response.on('close', () => {
            if (!isOver) take();
            over('broken');
          });
        },
      );
      request.on('error', () => over('broken'));
      request.end(body);
    });
  }
}

function headersOfOurs(headers: IncomingHttpHeaders): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith('x-alltoken-') && typeof value === 'string') own[name] = value;
  return own;
}

function bodyOf({ number, model, maxTokens, isStream }: ClientCall): string {
  return JSON.stringify({
    model,
    messages: [{ role: 'user', content: `hello #${number}` }],
    ...(maxTokens !== null && { max_tokens: maxTokens }),
    ...(isStream && { stream: true }),
  });
}

/** As the libraries decide; another client knows only whether it has its reply, and with a key it is safe. */
function triesAgain({ call, status, headers, end }: Try): boolean {
  if (end === 'left' && status !== null) return false;
  if (!call.isLibrary) return call.key !== null && (end !== 'whole' || (status ?? 0) >= 500);
  if (status === null) return true;
  if (end === 'broken') return false;
  return mayRetry(status, headers);
}

/** What a reply says about another try. */
export function mayRetry(status: number, headers: IncomingHttpHeaders): boolean {
  const said = headers['x-should-retry'];
  if (said === 'true' || said === 'false') return said === 'true';
  return status === 408 || status === 409 || status === 429 || status >= 500;
}
