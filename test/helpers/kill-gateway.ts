/** A gateway on loopback for the kill tests: exact bytes, results that are told once, and a hand that can end the client in the middle of any reply. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is asked for; `picture` and `film` are the downloads. */
export type Call = 'presign' | 'upload' | 'create' | 'poll' | 'file' | 'frame' | 'list';

/** Where in the nth call of a kind (from 1) the client dies. */
export interface Cut {
  call: Call;
  nth: number;
  when: 'request head' | 'whole request' | 'reply head' | 'half reply' | 'whole reply';
}

export interface Goods {
  kind: 'image' | 'video';
  /** Pictures in one reply. */
  count?: number;
  /** false: there is no address to a picture, so that its one reply is all there is. */
  stored?: boolean;
  /** false: there is only an address. */
  inline?: boolean;
}

export interface KillGateway {
  baseUrl: string;
  /** The bytes that were paid for: pictures in order, or a film and its last frame. */
  goods: Buffer[];
  /** In order. */
  calls: Call[];
  /** Tasks that were made and are billed. */
  bought(): number;
  /** The client, while there is one to end. */
  victim: { kill(signal: 'SIGKILL'): boolean } | null;
  cut: Cut | null;
  close(): void;
}

interface Shelf {
  /** Id by Idempotency-Key; a request without one has its own. */
  tasks: Map<string, string>;
  polls: number;
  told: boolean;
}

export async function startKillGateway(goods: Goods): Promise<KillGateway> {
  const shelf: Shelf = { tasks: new Map(), polls: 0, told: false };
  const server = createServer((request, response) => void receive(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway: KillGateway = {
    baseUrl: `${origin}/v1`,
    goods: makeGoods(goods),
    calls: [],
    bought: () => shelf.tasks.size,
    victim: null,
    cut: null,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const call = callOf(request.method ?? '', path);
    gateway.calls.push(call);
    const nth = gateway.calls.filter((other) => other === call).length;
    const when = gateway.cut?.call === call && gateway.cut.nth === nth ? gateway.cut.when : null;
    const end = (): void => void gateway.victim?.kill('SIGKILL');
    if (when === 'request head') return end();
    for await (const _ of request);
    const reply = answer(call, request, { ...goods, origin, files: gateway.goods }, shelf);
    if (when === 'whole request') return end();
    response.writeHead(reply.status, { 'content-length': reply.body.length, ...reply.headers });
    if (when === 'reply head') {
      response.flushHeaders();
      return end();
    }
    if (when === 'half reply')
      return void response.write(reply.body.subarray(0, reply.body.length / 2), end);
    response.end(reply.body, when === 'whole reply' ? end : undefined);
  }

  return gateway;
}

function callOf(method: string, path: string): Call {
  if (path.endsWith('/uploads/presign')) return 'presign';
  if (method === 'PUT') return 'upload';
  if (method === 'POST') return 'create';
  if (path.includes('/files/')) return path.endsWith('/frame') ? 'frame' : 'file';
  return path.includes('?limit=') ? 'list' : 'poll';
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: Buffer;
}

interface Store extends Goods {
  origin: string;
  files: Buffer[];
}

function answer(call: Call, request: IncomingMessage, store: Store, shelf: Shelf): Answer {
  switch (call) {
    case 'presign':
      return json(200, {
        upload_id: 'upl_1',
        upload_url: `${store.origin}/v1/storage/upl_1`,
        required_headers: { 'Content-Type': 'image/png' },
      });
    case 'upload':
      return { status: 200, body: Buffer.alloc(0) };
    case 'create':
      return create(request, store, shelf);
    case 'poll':
      return poll(store, shelf);
    case 'list':
      return json(200, {
        items: [...shelf.tasks.values()].map((id) => ({ ...task(id), status: 'processing' })),
        total: shelf.tasks.size,
      });
    default:
      return file(request, store);
  }
}

/** A key that is known says the task of the first request, as the real one does. */
function create(request: IncomingMessage, { kind }: Store, { tasks }: Shelf): Answer {
  const key = String(request.headers['idempotency-key'] ?? `none ${tasks.size}`);
  const known = tasks.get(key);
  if (known !== undefined)
    return json(409, { error: { code: 'duplicate_request', message: 'again', task_id: known } });
  const id = `${kind === 'image' ? 'igen' : 'vgen'}_${String(tasks.size + 1).padStart(24, '0')}`;
  tasks.set(key, id);
  return json(202, { ...task(id), status: 'queued' });
}

/** The first question is too early; a picture is told inline once. */
function poll(store: Store, shelf: Shelf): Answer {
  const [id = ''] = shelf.tasks.values();
  shelf.polls += 1;
  if (shelf.polls === 1)
    return json(200, { ...task(id), status: 'processing', next_poll_after_ms: 500 });
  if (store.kind === 'video')
    return json(200, {
      ...task(id),
      status: 'completed',
      video_url: `${store.origin}/v1/files/0`,
      last_frame_url: `${store.origin}/v1/files/1/frame`,
    });
  const inline = store.inline !== false && !shelf.told;
  shelf.told = true;
  if (!inline && store.stored === false)
    return json(410, { error: { code: 'image_already_retrieved', message: 'it is gone' } });
  const data = store.files.map((bytes, index) => ({
    ...(inline ? { b64_json: bytes.toString('base64') } : {}),
    ...(store.stored === false ? {} : { r2_url: `${store.origin}/v1/files/${index}` }),
  }));
  return json(200, { ...task(id), status: 'completed', data });
}

function file(request: IncomingMessage, { files }: Store): Answer {
  const index = Number(/\/files\/(\d+)/.exec(request.url ?? '')?.[1]);
  const bytes = files[index] ?? Buffer.alloc(0);
  const headers = { etag: `"${index}"` };
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  if (range === null) return { status: 200, headers, body: bytes };
  const from = Number(range[1]);
  if (from >= bytes.length)
    return {
      status: 416,
      headers: { 'content-range': `bytes */${bytes.length}` },
      body: Buffer.alloc(0),
    };
  const said = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...headers, 'content-range': said },
    body: bytes.subarray(from),
  };
}

function task(id: string): Record<string, unknown> {
  const model = id.startsWith('igen') ? 'gpt-image-2' : 'seedance-1.5-pro';
  return { id, model, is_expired: false, created_at: new Date().toISOString() };
}

function json(status: number, document: unknown): Answer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: Buffer.from(JSON.stringify(document)) };
}

/** Files are told by their first bytes; the rest is noise that is the same each time. */
function makeGoods({ kind, count = 1 }: Goods): Buffer[] {
  const picture = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const film = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1');
  if (kind === 'video') return [noisy(film, 40_000, 7), noisy(picture, 3000, 8)];
  return Array.from({ length: count }, (_, index) => noisy(picture, 20_000 + index * 1000, index));
}

function noisy(head: Buffer, size: number, seed: number): Buffer {
  let state = seed + 1;
  const noise = Buffer.alloc(size - head.length);
  for (let at = 0; at < noise.length; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    noise[at] = state >>> 16;
  }
  return Buffer.concat([head, noise]);
}
