/** The routes of an agent over HTTP. A client that leaves ends no run: what it missed is in the log of its session. */
import type { JsonObject } from '../../base/json.ts';
import { isRecord } from '../../base/json.ts';
import { hasNoBody, parseBody, readBody } from '../read-body.ts';
import { Refusal } from '../refusal.ts';
import { sendJson } from '../send-json.ts';
import type { Visit } from '../service.ts';
import type { Route } from '../table.ts';
import { refusalOfStop } from './failure.ts';
import { sendEvents } from './send-events.ts';
import type { Input, Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** Of a name that a client of `/chat` gives to its session. */
const LONGEST_NAME = 200;

/** Events in one JSON reply. */
const MOST_EVENTS = 1000;

/** `maxBody`: bytes of a request. */
export function agentRoutes(sessions: Sessions, maxBody: number): Route[] {
  const { clock, stopping } = sessions.options;
  const body = async ({ request }: Visit): Promise<JsonObject> => {
    if (hasNoBody(request)) return {};
    const bytes = await readBody(request, maxBody);
    return bytes.length === 0 ? {} : parseBody(bytes.toString('utf8'));
  };

  async function chat(visit: Visit): Promise<void> {
    const { sessionId, message } = await body(visit);
    if (typeof sessionId !== 'string' || sessionId === '' || sessionId.length > LONGEST_NAME)
      throw badInput(`sessionId has to be a text of 1 to ${LONGEST_NAME} characters`);
    if (typeof message !== 'string') throw badInput('message has to be a text');
    const session = await sessions.named(sessionId);
    const result = await session.run(message);
    if (result.stop !== 'done' && result.stop !== 'length') throw refusalOfStop(result, session);
    sendJson(visit, 200, { response: result.text, history: session.agent.getMessages() });
  }

  async function create(visit: Visit): Promise<void> {
    await body(visit);
    const { id } = await sessions.create();
    sendJson(visit, 201, { id });
  }

  async function message(visit: Visit): Promise<void> {
    const { input } = await body(visit);
    if (!isInput(input)) throw badInput('input has to be a text or a list of parts');
    await run(visit, input);
  }

  async function resume(visit: Visit): Promise<void> {
    await body(visit);
    await run(visit, null);
  }

  async function run(visit: Visit, input: Input): Promise<void> {
    const session = sessions.find(visit.id);
    const after = session.log.last;
    if (!wantsEvents(visit) || session.isRunning) {
      sendJson(visit, 200, await session.run(input));
      return;
    }
    let isOver = false;
    const running = session
      .run(input)
      // It is the last event.
      .catch(() => {})
      .finally(() => {
        isOver = true;
        session.log.wake();
      });
    await sendEvents(visit, session.log, { after, isOver: () => isOver }, clock);
    await running;
  }

  async function events(visit: Visit): Promise<void> {
    const session = sessions.find(visit.id);
    const { log } = session;
    const after = afterIn(visit);
    if (wantsEvents(visit)) {
      const isOver = (): boolean =>
        !sessions.has(session) || (stopping.aborted && !session.isRunning);
      await sendEvents(visit, log, { after, isOver }, clock);
      return;
    }
    const entries = log.after(after, MOST_EVENTS);
    sendJson(visit, 200, {
      events: entries.map(({ id, text }) => ({ id, ...parseBody(text) })),
      oldest: log.oldest,
      last: log.last,
      status: statusOfSession(session),
    });
  }

  async function show(visit: Visit): Promise<void> {
    const session = sessions.find(visit.id);
    const { agent, log, id } = session;
    sendJson(visit, 200, {
      id,
      status: statusOfSession(session),
      messages: agent.getMessages(),
      pending: agent.pending(),
      cost: agent.cost(),
      last_event: log.last,
    });
  }

  async function decide(visit: Visit): Promise<void> {
    const { callId, approve, reason } = await body(visit);
    if (typeof callId !== 'string') throw badInput('callId has to be the id of a call that waits');
    if (typeof approve !== 'boolean') throw badInput('approve has to be true or false');
    if (reason !== undefined && typeof reason !== 'string')
      throw badInput('reason has to be a text');
    const session = sessions.find(visit.id);
    session.decide(callId, approve ? true : { approve, ...(reason !== undefined && { reason }) });
    sendJson(visit, 200, { id: session.id, pending: session.agent.pending() });
  }

  async function remove(visit: Visit): Promise<void> {
    const session = sessions.find(visit.id);
    await sessions.remove(session);
    sendJson(visit, 200, { id: session.id, deleted: true });
  }

  async function abort(visit: Visit): Promise<void> {
    await body(visit);
    const session = sessions.find(visit.id);
    const aborted = await session.abort();
    sendJson(visit, 200, { id: session.id, aborted, status: statusOfSession(session) });
  }

  return [
    route('POST', '/chat', chat),
    route('POST', '/v1/sessions', create),
    route('GET', '/v1/sessions/:id', show),
    route('DELETE', '/v1/sessions/:id', remove),
    route('POST', '/v1/sessions/:id/messages', message),
    route('POST', '/v1/sessions/:id/decisions', decide),
    route('POST', '/v1/sessions/:id/resume', resume),
    route('GET', '/v1/sessions/:id/events', events),
    route('POST', '/v1/sessions/:id/abort', abort),
  ];
}

function route(method: string, path: string, answer: Route['answer']): Route {
  return { method, path, shape: 'openai', isPublic: false, answer };
}

function statusOfSession({ isRunning }: Session): 'running' | 'idle' {
  return isRunning ? 'running' : 'idle';
}

function wantsEvents({ request }: Visit): boolean {
  return /(^|[,\s])text\/event-stream\b/i.test(request.headers.accept ?? '');
}

/** Of the address, else of the header that a browser sends when it comes back; 0: all. */
function afterIn({ url, request }: Visit): number {
  const header = request.headers['last-event-id'];
  const text = url.searchParams.get('after') ?? (typeof header === 'string' ? header : '0');
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badInput('after has to be the number of an event');
}

function isInput(input: unknown): input is Exclude<Input, null> {
  return typeof input === 'string' || (Array.isArray(input) && input.every(isRecord));
}

function badInput(message: string): Refusal {
  return new Refusal(400, 'bad_input', message);
}
