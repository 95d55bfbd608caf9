/**
 * An esbuild plugin: leaves out parts of packages that are never used here, which would be large or slow to load. What is left in
 * their place throws, so that a use of them is a failure and not a silent difference.
 */
import type { Plugin } from 'esbuild';

interface Part {
  /** In the name of its file, where it has one. */
  name: string;
  /** Of the import, as the package writes it. */
  filter: RegExp;
  /** Who writes it; absent: anybody. */
  importer?: RegExp;
  /** CommonJS or ES module. */
  contents: string;
}

function unused(what: string): string {
  return `() => { throw new Error(${JSON.stringify(`${what} is not part of this build`)}); }`;
}

const undici = /node_modules[\\/]undici[\\/]/;

const parts: readonly Part[] = [
  // commander loads it for subcommands that are executables of their own, and it takes 3 ms.
  {
    name: 'child-process',
    filter: /^(node:)?child_process$/,
    importer: /node_modules[\\/]commander[\\/]/,
    contents: 'module.exports = {};',
  },
  // Of undici, only the way through a proxy: its index loads fetch, caches, WebSocket and mocks, and gives a
  // client its methods, of which CONNECT is needed.
  {
    name: 'undici',
    filter: /^undici$/,
    contents: `const connect = require('undici/lib/api/api-connect.js');
Object.assign(require('undici/lib/dispatcher/dispatcher.js').prototype, { connect });
exports.EnvHttpProxyAgent = require('undici/lib/dispatcher/env-http-proxy-agent.js');
exports.Client = require('undici/lib/dispatcher/client.js');
exports.errors = require('undici/lib/core/errors.js');`,
  },
  // Of jsonc-parser, only reading: its formatter changes more than an entry, and its entry file takes all of it along.
  {
    name: 'jsonc-parser',
    filter: /^jsonc-parser$/,
    contents: `export { parseTree, findNodeAtLocation, getNodeValue } from 'jsonc-parser/lib/esm/impl/parser.js';`,
  },
  // For bodies that are FormData; ours are text or bytes.
  {
    name: 'undici-form-data',
    filter: /\/web\/fetch\/body\.js$/,
    importer: undici,
    contents: `exports.extractBody = ${unused('FormData in undici')};`,
  },
  // Only with allowH2.
  {
    name: 'undici-http2',
    filter: /\/client-h2\.js$/,
    importer: undici,
    contents: `module.exports = ${unused('HTTP/2 in undici')};`,
  },
  // proxy-settings.ts takes http and https proxies only.
  {
    name: 'undici-socks5',
    filter: /\/socks5-proxy-agent$/,
    importer: undici,
    contents: `module.exports = class { constructor() { (${unused('SOCKS5 in undici')})(); } };`,
  },
  // ora's collection; its spinner is our own, and these two are what it falls back to.
  {
    name: 'spinners',
    filter: /\/spinners\.json$/,
    importer: /node_modules[\\/]cli-spinners[\\/]/,
    contents: `export default { dots: { interval: 80, frames: ['⠋', '⠙', '⠹', '⠸'] }, line: { interval: 130, frames: ['-', '\\\\', '|', '/'] } };`,
  },
  // ajv, for answers to questions that a server puts to the user of its client; ours puts none.
  {
    name: 'mcp-validator',
    filter: /^@modelcontextprotocol\/server\/_shims$/,
    contents: `export { default as process } from 'node:process';
export class DefaultJsonSchemaValidator { getValidator = ${unused('a validator of JSON Schema')}; }`,
  },
  // The same in the client, which gets none from us.
  {
    name: 'mcp-client-validator',
    filter: /^@modelcontextprotocol\/client\/_shims$/,
    contents: `export const CORS_IS_POSSIBLE = false;
export class DefaultJsonSchemaValidator { getValidator = ${unused('a validator of JSON Schema')}; }`,
  },
];

export const withoutUnusedParts: Plugin = {
  name: 'without-unused-parts',
  setup(build) {
    for (const { name, filter, importer, contents } of parts) {
      build.onResolve({ filter }, (asked) =>
        importer === undefined || importer.test(asked.importer)
          ? { path: name, namespace: 'unused-parts' }
          : undefined,
      );
      build.onLoad({ filter: new RegExp(`^${name}$`), namespace: 'unused-parts' }, () => ({
        contents,
        resolveDir: process.cwd(),
      }));
    }
  },
};
