/** A tiny HTTP proxy on loopback: CONNECT and absolute-form requests. Every host leads to one upstream port, so names need not resolve. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProxyOptions {
  /** Where everything goes, on 127.0.0.1. */
  upstreamPort: number;
  /** `user:password`; without it every request is answered 407. */
  credentials?: string;
}

export interface TestProxy {
  /** `127.0.0.1:<port>`, without a scheme. */
  address: string;
  /** `CONNECT host:port` or `GET http://host/path`, as asked, refused or not. */
  asked: string[];
  /** The headers of each of them. */
  headers: IncomingHttpHeaders[];
}

/** Ends with the test. */
export async function startProxy(options: ProxyOptions): Promise<TestProxy> {
  const asked: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const sockets = new Set<Socket>();
  const note = (message: IncomingMessage): boolean => {
    asked.push(`${message.method} ${message.url}`);
    headers.push(message.headers);
    if (options.credentials === undefined) return true;
    const expected = `Basic ${Buffer.from(options.credentials).toString('base64')}`;
    return message.headers['proxy-authorization'] === expected;
  };

  const server = createServer((message, response) => {
    if (!note(message)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end('who are you?');
      return;
    }
    const { pathname, search } = new URL(message.url ?? '');
    const forwarded = request(
      {
        port: options.upstreamPort,
        method: message.method,
        path: pathname + search,
        headers: message.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    message.pipe(forwarded);
  });
  server.on('connect', (message: IncomingMessage, client: Socket) => {
    client.on('error', () => {});
    if (!note(message)) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const upstream = connect(options.upstreamPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    sockets.add(upstream);
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, asked, headers };
}
