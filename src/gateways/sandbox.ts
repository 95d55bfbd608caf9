/** The embedded gateway: AllToken's wire on loopback, no key, no charge, no model. Its address is known once it is started. */
import { alltoken } from './alltoken.ts';
import type { Gateway } from './types.ts';

const { responses: _1, embeddings: _2, messages: _3, anthropic: _4, ...routes } = alltoken.routes;

export const sandbox: Gateway = {
  ...alltoken,
  routes,
  id: 'sandbox',
  label: 'the sandbox',
  baseUrl: '',
  website: null,
  baseUrlEnv: null,
  keyVariable: null,
  keyPrefix: null,
  embedded: true,
  keyRequired: false,
};
