/** What creating a task has in common for images and videos: the body, the faults around it, the reply. It makes no task. */

import type { JsonObject } from '../../base/json.ts';
import { parseJsonObject, readBody } from '../body.ts';
import type { Call } from '../call.ts';
import { sendJson } from '../envelope.ts';
import { replacingFaults, type TaskFault } from '../fault-names.ts';
import { replacedByFault } from '../fault-replies.ts';
import { takeEach, takeFirst } from '../faults.ts';

const maxBodyBytes = 1024 * 1024;

/** The fields of the request; null when a fault has answered it. Throws Rejection for a body that is not a JSON object. */
export async function readCreation({ exchange, faults }: Call): Promise<JsonObject | null> {
  const body = await readBody(exchange, maxBodyBytes);
  return replacedByFault(exchange, faults, replacingFaults) ? null : parseJsonObject(body);
}

/** The faults that the new task will have, counted down. */
export function takeTaskFaults(
  { exchange, faults }: Call,
  names: readonly TaskFault[],
): ReadonlySet<TaskFault> {
  const taken = takeEach(faults, names);
  for (const fault of taken) exchange.notes.push(`fault=${fault}`);
  return taken;
}

/** 202 with the new task, unless a fault drops the reply. */
export function sendCreated({ exchange, faults }: Call, body: unknown): void {
  if (!takeFirst(faults, ['lost-create'])) {
    sendJson(exchange, 202, body);
    return;
  }
  exchange.notes.push('fault=lost-create');
  exchange.request.socket.destroy();
}
