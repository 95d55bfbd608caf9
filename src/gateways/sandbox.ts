/** The embedded gateway: AllToken's wire on loopback, no key, no charge, no model. Its address is known once it is started. */
import { alltoken } from './alltoken.ts';
import type { Gateway } from './types.ts';

export const sandbox: Gateway = {
  ...alltoken,
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
