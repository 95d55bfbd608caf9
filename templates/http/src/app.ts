/** POST /chat {sessionId?, message}: one agent a session, one run at a time. It listens nowhere. */
import { randomUUID } from 'node:crypto';
import { AllTokenError } from 'alltoken-cli';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import { type Agent, createAgent } from './agent.js';

/** The one that was not used for longest goes when another one begins. */
const MAX_SESSIONS = 100;
const MAX_BODY = '256kb';
const MAX_MESSAGE = 100_000;

interface Session {
  agent: Agent;
  isBusy: boolean;
}

export interface App {
  app: Express;
  /** Resolves when no run is left. */
  abort(): Promise<void>;
}

export function createApp(makeAgent: () => Agent = createAgent): App {
  const sessions = new Map<string, Session>();
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: MAX_BODY }));

  app.get('/healthz', (_request, response) => {
    response.json({ ok: true, sessions: sessions.size });
  });

  app.post('/chat', async (request, response) => {
    const { sessionId = randomUUID(), message } = (request.body ?? {}) as Record<string, unknown>;
    if (typeof message !== 'string' || message.trim() === '' || message.length > MAX_MESSAGE)
      return refuse(
        response,
        400,
        'bad_message',
        `message: a text of 1 to ${MAX_MESSAGE} characters`,
      );
    if (typeof sessionId !== 'string' || !/^[\w.:-]{1,128}$/.test(sessionId))
      return refuse(response, 400, 'bad_session', 'sessionId: letters, digits and . _ : - only');
    const session = sessions.get(sessionId) ?? begin(sessionId);
    if (session === null)
      return refuse(response, 503, 'too_many_sessions', 'all sessions are busy; try again later');
    if (session.isBusy) return refuse(response, 409, 'busy', 'this session is answering already');
    // The order of the map is that of their last use.
    sessions.delete(sessionId);
    sessions.set(sessionId, session);
    session.isBusy = true;
    const stop = new AbortController();
    // Nobody waits for the answer any more, so nothing more is spent on it.
    response.on('close', () => stop.abort());
    try {
      const run = await session.agent.run(message, { signal: stop.signal });
      if (run.stop === 'max_cost' || run.stop === 'budget')
        return refuse(response, 402, run.stop, 'the agent has spent what it may');
      response.json({
        sessionId,
        response: run.text,
        history: session.agent.getMessages(),
        stop: run.stop,
        cost: run.cost,
      });
    } finally {
      session.isBusy = false;
    }
  });

  /** null: there is no room, and nobody to make it. */
  function begin(sessionId: string): Session | null {
    if (sessions.size >= MAX_SESSIONS) {
      const [idle] = [...sessions].find(([, { isBusy }]) => !isBusy) ?? [];
      if (idle === undefined) return null;
      sessions.delete(idle);
    }
    const session = { agent: makeAgent(), isBusy: false };
    sessions.set(sessionId, session);
    return session;
  }

  app.use((_request, response) => {
    refuse(response, 404, 'not_found', 'POST /chat, GET /healthz');
  });
  app.use(onError);
  return {
    app,
    abort: async () => {
      await Promise.all([...sessions.values()].map(({ agent }) => agent.abort()));
    },
  };
}

const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof AllTokenError)
    return refuse(response, error.retryable ? 503 : 502, error.code ?? error.kind, error.message);
  // A body that Express could not read.
  const { status, type } = error as { status?: unknown; type?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500)
    return refuse(
      response,
      status,
      typeof type === 'string' ? type : 'bad_request',
      'the body must be JSON',
    );
  console.error(error);
  refuse(response, 500, 'internal', 'the server failed');
};

function refuse(response: Response, status: number, code: string, message: string): void {
  // A client that has left gets nothing.
  if (response.writable) response.status(status).json({ error: { code, message } });
}
