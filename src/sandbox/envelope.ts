/** One request and its reply, and the error envelope of AllToken's wire. It decides nothing: it only writes what it is given. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/deps.ts';

export type SandboxClock = Pick<Clock, 'now' | 'monotonic' | 'sleep'>;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Aborted when the reply is over or the client has left. */
  readonly signal: AbortSignal;
  readonly clock: SandboxClock;
  /** What the log line says beyond route and status. */
  readonly notes: string[];
  /** Told of the body of a request to the gateway. */
  readonly onBody?: (body: Uint8Array) => void;
}

export interface ErrorReply {
  status: number;
  code: string;
  type: string;
  /** The field of the request that is wrong. */
  param?: string;
  message: string;
  /** The task that is there already. */
  taskId?: string;
  headers?: Record<string, string>;
}

/** Thrown to end a request with an error envelope. */
export class Rejection extends Error {
  readonly reply: ErrorReply;

  constructor(reply: ErrorReply) {
    super(reply.message);
    this.name = 'Rejection';
    this.reply = reply;
  }
}

/** A 400 `invalid_request` about one field of the body; null when it is about the whole of it. */
export function invalid(param: string | null, message: string): Rejection {
  const reply = { status: 400, code: 'invalid_request', type: 'invalid_request_error', message };
  return new Rejection(param === null ? reply : { ...reply, param });
}

/** A 404 that names the unknown model. */
export function unknownModel(model: string): ErrorReply {
  const shown = model.slice(0, 100);
  return {
    status: 404,
    code: 'model_not_found',
    type: 'invalid_request_error',
    param: 'model',
    message: `The model ${JSON.stringify(shown)} does not exist.`,
  };
}

/** An id of the gateway's kind: 20 characters of 0-9a-v. */
export function newRequestId(): string {
  const alphabet = '0123456789abcdefghijklmnopqrstuv';
  return Array.from(randomBytes(20), (byte) => alphabet[byte % 32]).join('');
}

/** The body of an error. */
export function errorBody(reply: ErrorReply, requestId: string): unknown {
  const { code, message, param = null, taskId, type } = reply;
  const task = taskId === undefined ? {} : { task_id: taskId };
  return { error: { code, message, param, type, request_id: requestId, ...task } };
}

export function sendError(exchange: Exchange, reply: ErrorReply): void {
  exchange.notes.push(reply.code);
  sendJson(exchange, reply.status, errorBody(reply, exchange.requestId), reply.headers);
}

export function sendJson(
  exchange: Exchange,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  send(exchange, status, 'application/json', JSON.stringify(body), headers);
}

/** A whole reply at once. */
export function send(
  exchange: Exchange,
  status: number,
  contentType: string,
  text: string,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(text);
  exchange.response.writeHead(status, {
    'content-type': contentType,
    'content-length': bytes.length,
    ...headers,
  });
  exchange.response.end(bytes);
}
