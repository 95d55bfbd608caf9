/** The package itself: `import { createAgent } from 'alltoken-cli'`. It joins the agent to this process and loads nothing that is not used. */

import type { OpenAI } from 'openai';
import { AgentCore } from './agent/agent.ts';
import { toAllTokenError } from './agent/failure.ts';
import type { McpOptions, McpServer, McpTools } from './agent/mcp/server.ts';
import { officialClient } from './agent/openai-client.ts';
import { calculatorTool } from './agent/tools/calculator.ts';
import { imageTool } from './agent/tools/image.ts';
import { makeTimeTool } from './agent/tools/time.ts';
import { videoTools } from './agent/tools/videos.ts';
import { webSearchTool } from './agent/tools/web-search.ts';
import type {
  AgentConfig,
  Agent as AgentType,
  ImageRequest,
  ImageResult,
  MediaOptions,
  Tool,
  VideoRequest,
  VideoResult,
} from './agent/types.ts';
import { clock } from './edge/clock.ts';
import { environment } from './edge/environment.ts';
import { loadPeer } from './edge/peer.ts';
import { listenerOptions } from './serve/agent/listener-options.ts';
import type { AgentListener, AgentListenerOptions } from './serve/agent/types.ts';

export { AllTokenError } from './agent/errors.ts';
export type * from './agent/mcp/server.ts';
export { type PruneOptions, pruneToolResults } from './agent/prune.ts';
export { tool } from './agent/tool.ts';
export type * from './agent/types.ts';
export type * from './serve/agent/types.ts';

/** Made when it is needed: most of it is for work that an import does not do. */
const deps = later(async () => (await import('./edge/real-deps.ts')).guestDeps());

function later<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** An agent: a conversation with tools, under your budgets. */
export interface Agent extends AgentType {}
/** Throws `AllTokenError` usage for a bad config; nothing is sent. */
export const Agent: new (config?: AgentConfig) => Agent = class extends AgentCore {
  constructor(config: AgentConfig = {}) {
    super(config, deps);
  }
};

export function createAgent(config: AgentConfig = {}): Agent {
  return new Agent(config);
}

/** `get_current_time`. */
export const timeTool: Tool = makeTimeTool(() => clock.now());
/** `calculate`. */
export { calculatorTool } from './agent/tools/calculator.ts';
/** Both, as the seed has them. */
export const defaultTools: Tool[] = [timeTool, calculatorTool];
/** `generate_image`: saved to a file by a job of the journal. */
export { imageTool } from './agent/tools/image.ts';
/** `submit_video`, which returns at once, and `fetch_video`, which waits a while and saves the file. */
export { videoTools } from './agent/tools/videos.ts';
/** `web_search`: asks a model that searches, on the gateway of the agent. */
export { webSearchTool } from './agent/tools/web-search.ts';
/** All of them. Those that buy count in `maxCost`, in budgets and in the ledger. */
export const builtInTools: Tool[] = [
  timeTool,
  calculatorTool,
  webSearchTool,
  imageTool,
  ...videoTools,
];

/**
 * The official client (`openai`, which must be installed) for AllToken. Default key: ALLTOKEN_API_KEY. Its calls are in no ledger
 * and under no budget of ours.
 */
export function createAllTokenClient(apiKey?: string, options: { baseURL?: string } = {}): OpenAI {
  return officialClient({ apiKey, ...options }, loadPeer, environment) as OpenAI;
}

/**
 * The tools of an MCP server, with the official client. The server is started or connected to, and is there until `close`.
 * Rejects with an `AllTokenError`: `usage` for a bad address or a tool that it does not have, `local_io` or `network` where
 * it cannot be started or reached.
 */
export async function mcpTools(server: McpServer, options: McpOptions = {}): Promise<McpTools> {
  const { connectMcp } = await import('./agent/mcp/connect.ts');
  try {
    const { tools, close } = await connectMcp(server, options, await deps());
    return { tools, close };
  } catch (error) {
    throw toAllTokenError(error);
  }
}

/**
 * A listener for a server of `node:http`: conversations with agents over HTTP, one agent for each, as `alltoken serve --agent` has
 * them. Throws `AllTokenError` usage for a bad option; nothing is loaded before the first request.
 */
export function agentListener(
  make: () => AgentType | Promise<AgentType>,
  options: AgentListenerOptions = {},
): AgentListener {
  const checked = listenerOptions(make, options);
  const listener = later(async () =>
    (await import('./serve/agent/listener.ts')).openListener(make, checked, clock),
  );
  return (request, response) => {
    listener().then(
      (listen) => listen(request, response),
      () => response.destroy(),
    );
  };
}

/** An image, saved to a file before it is returned. Rejects with `AllTokenError`; a task that failed is a result. */
export async function generateImage(
  request: ImageRequest,
  options: MediaOptions = {},
): Promise<ImageResult> {
  return (await import('./agent/media.ts')).generateImage(request, options, await deps());
}

/** A video, saved to a file before it is returned: minutes. Rejects with `AllTokenError`; a task that failed is a result. */
export async function generateVideo(
  request: VideoRequest,
  options: MediaOptions = {},
): Promise<VideoResult> {
  return (await import('./agent/media.ts')).generateVideo(request, options, await deps());
}

/** Stops a video that is being made. */
export async function cancelVideo(
  id: string,
  options: MediaOptions = {},
): Promise<{ id: string; status: string }> {
  return (await import('./agent/media.ts')).cancelVideo(id, options, await deps());
}
