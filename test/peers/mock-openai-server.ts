/** `mock-openai-api` on loopback: its own application answers. It ends with the test. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import application from 'mock-openai-api/dist/app.js';
import { onTestFinished } from 'vitest';

/** The origin. */
export async function startMockOpenai(): Promise<string> {
  const server = createServer(application as unknown as RequestListener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
