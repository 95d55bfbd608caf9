/** The least MCP server on the official package, from node_modules: one tool that answers at once. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

serveStdio(() => {
  const server = new McpServer({ name: 'bare', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.registerTool('hello', { inputSchema: z.object({ name: z.string() }) }, async () => ({
    content: [{ type: 'text', text: 'hello' }],
  }));
  return server;
});
