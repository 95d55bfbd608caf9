/** `GET /alltoken/v1/calls/{id}`: what is known of one of the last calls. */

import { Refusal } from './refusal.ts';
import { sendJson } from './send-json.ts';
import type { Service, Visit } from './service.ts';

export async function answerCall(visit: Visit, { calls }: Service): Promise<void> {
  const record = calls.get(visit.id);
  if (record === undefined)
    throw new Refusal(404, 'unknown_call', 'this server remembers no call of that id', {
      hint: 'see the ledger: `alltoken cost --since 1d`',
    });
  sendJson(visit, 200, record);
}
