/** The public types of `agentListener`. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface AgentListenerOptions {
  /**
   * What clients send as `Authorization: Bearer …`: at least 32 printable characters. Absent: only programs of this machine
   * may call. false: whoever passes the request on has checked who sent it.
   */
  token?: string | false | undefined;
  /** Names by which the server may be called, beside those of this machine; addresses need none. */
  allowHosts?: readonly string[] | undefined;
  /** Origins of web pages that may call it; default: none. */
  cors?: readonly string[] | undefined;
  /** Default 100. */
  maxSessions?: number | undefined;
  /** Of a request, bytes; default 32 MB. */
  maxBody?: number | undefined;
}

/** A listener of `node:http`: for `createServer`, or for the `use` of a framework that has it. */
export type AgentListener = (request: IncomingMessage, response: ServerResponse) => void;
