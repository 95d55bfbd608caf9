/** The package itself: `import { createAgent } from 'alltoken-cli'`. It joins the agent to this process and loads nothing that is not used. */
import { toAllTokenError } from './agent/failure.ts';
import type { McpOptions, McpServer, McpTools } from './agent/mcp/server.ts';
import { guestDeps } from './edge/real-deps.ts';

export { AllTokenError } from './agent/errors.ts';
export type * from './agent/mcp/server.ts';
export { tool } from './agent/tool.ts';
export type * from './agent/types.ts';

/**
 * The tools of an MCP server, with the official client. The server is started or connected to, and is there until `close`.
 * Rejects with an `AllTokenError`: `usage` for a bad address or a tool that it does not have, `local_io` or `network` where
 * it cannot be started or reached.
 */
export async function mcpTools(server: McpServer, options: McpOptions = {}): Promise<McpTools> {
  const { connectMcp } = await import('./agent/mcp/connect.ts');
  try {
    const { tools, close } = await connectMcp(server, options, guestDeps());
    return { tools, close };
  } catch (error) {
    throw toAllTokenError(error);
  }
}
