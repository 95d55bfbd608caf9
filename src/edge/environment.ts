/** What of this process is known without opening anything. */
import type { Deps } from '../base/deps.ts';

export const environment: Pick<Deps, 'env' | 'platform'> = {
  env: process.env,
  platform: process.platform,
};
