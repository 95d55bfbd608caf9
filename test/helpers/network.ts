/** Stand-ins for the network's own types: how a request failed, and a reply without a server. */
import type { SendReply } from '../../src/base/deps.ts';
import { SendError } from '../../src/transport/send-error.ts';

/** As the network rejects where no connection was made. */
export function notConnected(code: string, more: object = {}): SendError {
  const cause = Object.assign(new Error(code), { code, syscall: 'connect', ...more });
  return new SendError(cause, { sent: false });
}

export function replyWith(body: string, headers: Record<string, string> = {}): SendReply {
  const parts = [Buffer.from(body)];
  return {
    status: 200,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    read: async () => parts.shift() ?? null,
    discard: () => {},
  };
}

/** The whole body as text. */
export async function textOf(reply: SendReply): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let part = await reply.read(); part !== null; part = await reply.read()) parts.push(part);
  return Buffer.concat(parts).toString();
}
