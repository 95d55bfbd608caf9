/** How an MCP server is named, and what comes of it. Types only: a declaration file is made of this one as it is. */
import type { Tool } from '../types.ts';

/** A program of this machine, which speaks on its standard streams. */
export interface McpStdioServer {
  command: string;
  args?: readonly string[];
  /** Beside HOME, PATH, TERM and the like, this is all of its environment. */
  env?: Readonly<Record<string, string>>;
}

/** A server that speaks streamable http; https, or http on this machine. */
export interface McpHttpServer {
  url: string;
  headers?: Readonly<Record<string, string>>;
}

export type McpServer = McpStdioServer | McpHttpServer;

export interface McpOptions {
  /** The server's own names of the tools to take; absent: all. */
  allow?: readonly string[];
  /** What stands before each name, such as `files_`. */
  prefix?: string;
}

export interface McpTools {
  tools: Tool[];
  /** Ends the server, or the session with it. A second call does nothing. */
  close(): Promise<void>;
}
