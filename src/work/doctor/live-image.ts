/** The check of a live gateway by one image: that an Idempotency-Key is known again, and that the task can be polled. */
import { CliError } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import type { Answer } from '../../client/answer.ts';
import { fetchJson } from '../../client/get-json.ts';
import { requestJson } from '../../client/json-reply.ts';
import { readTaskReply } from '../../client/task-reply.ts';
import type { Gateway } from '../../gateways/types.ts';
import { formatDecimal, parseDecimal, times } from '../../money/decimal.ts';
import { requestHeaders } from '../request-headers.ts';
import type { Found } from './check.ts';
import { drain, type LiveCall } from './live-budget.ts';
import { broken, type Live, policyOf, sendOf } from './live-context.ts';

/** The bound is that of two: a gateway that does not know the second request again charges it, too. */
export function imageCall({ media }: Gateway): LiveCall {
  const { model = '', smallest } = media.image ?? {};
  const price = parseDecimal(smallest?.amount ?? '');
  const body = { model, prompt: 'A grey square', n: 1, ...smallest?.body };
  return { model, body, bound: price === null ? null : formatDecimal(times(price, 2)) };
}

/** One image, requested twice under one Idempotency-Key: the second request must find the first one's task. */
export async function checkImage(live: Live, call: LiveCall): Promise<void> {
  const { connection, budget, checks, deps } = live;
  const { gateway, key } = connection;
  const headers = {
    ...requestHeaders(key?.value ?? null, false, deps.version),
    'idempotency-key': deps.uuid(),
  };
  const url = `${gateway.baseUrl}${gateway.routes.images ?? ''}`;
  const request = {
    method: 'POST' as const,
    url,
    headers,
    body: JSON.stringify(call.body),
    paid: true,
  };
  const create = async (answer: Answer): Promise<string | null> => {
    answer.attempts += 1;
    const sending = requestJson(request, policyOf(live), call.model, sendOf(live), deps);
    const { json, requestId } = await drain(sending);
    answer.requestId = requestId ?? answer.requestId;
    return readTaskReply(json)?.id ?? null;
  };
  let second: { id: string | null } | { error: unknown } | null = null;
  const id = await checks.run('image', async () => {
    const first = await budget.buy(call, async (answer) => {
      const made = await create(answer);
      if (made !== null)
        second = await create(answer).then(
          (again) => ({ id: again }),
          (error: unknown) => ({ error }),
        );
      return made;
    });
    if (first === null) throw broken('the reply to a create request has no id');
    return { value: first, detail: `task ${first}; its image is left at the gateway` };
  });
  if (id === null) return;
  await checks.run('idempotency', () => sameTask(id, second));
  await checks.run('image state', async () => {
    const where = `${gateway.baseUrl}${gateway.routes.imageTasks ?? ''}/${encodeURIComponent(id)}`;
    const poll = { url: where, key: key?.value ?? null, what: 'the image' };
    const json = await drain(fetchJson(poll, policyOf(live), sendOf(live), deps));
    const status = readTaskReply(json)?.status ?? null;
    if (status === null)
      throw broken(
        `the state of an image is ${JSON.stringify(asObject(json)?.status ?? null)}, which is no known word`,
      );
    return { value: null, detail: status };
  });
}

/** Either way is documented: 409 with the id of the first task, or that task itself. */
function sameTask(
  id: string,
  second: { id: string | null } | { error: unknown } | null,
): Found<null> {
  if (second !== null && 'id' in second) {
    if (second.id === id) return { value: null, detail: 'the same task again' };
    throw broken(`the same Idempotency-Key made a second task, ${second.id ?? 'without an id'}`);
  }
  const error = second?.error;
  if (!(error instanceof CliError) || error.details.status !== 409)
    throw error instanceof Error ? error : broken('the second request was not sent');
  if (error.details.taskId === id)
    return { value: null, detail: '409 with the id of the first task' };
  throw broken('409 to the same Idempotency-Key, without the id of the first task');
}
