/** Events whose listeners can fail alone: one that throws or rejects stops neither the others nor the run. */
import { EventEmitter } from 'eventemitter3';
import type { AgentEmitter, AgentEvent } from './types.ts';

type AnyListener = (...args: unknown[]) => unknown;
type Name = string | symbol;

/** Each listener is called through a guard, which is found again when it is removed. */
export class GuardedEmitter extends EventEmitter {
  readonly #guards = new WeakMap<AnyListener, Map<Name, AnyListener>>();
  readonly #guarded = new WeakMap<AnyListener, AnyListener>();

  /** Gets what a listener threw, or what its promise was rejected with. Must not throw. */
  protected listenerFailed(_event: Name, _thrown: unknown): void {}

  override on(event: Name, listener: AnyListener, context?: unknown): this {
    return super.on(event, this.#guard(event, listener), context ?? this);
  }

  override addListener(event: Name, listener: AnyListener, context?: unknown): this {
    return this.on(event, listener, context);
  }

  override once(event: Name, listener: AnyListener, context?: unknown): this {
    return super.once(event, this.#guard(event, listener), context ?? this);
  }

  // The emitter itself removes a guard after its one call.
  override removeListener(
    event: Name,
    listener?: AnyListener,
    context?: unknown,
    once?: boolean,
  ): this {
    const known = listener === undefined ? undefined : this.#guards.get(listener)?.get(event);
    return super.removeListener(event, known ?? listener, context, once);
  }

  override off(event: Name, listener?: AnyListener, context?: unknown, once?: boolean): this {
    return this.removeListener(event, listener, context, once);
  }

  override listeners(event: Name): AnyListener[] {
    return super.listeners(event).map((guard) => this.#guarded.get(guard) ?? guard);
  }

  #guard(event: Name, listener: AnyListener): AnyListener {
    // What is no function is refused by the emitter, in its own words.
    if (typeof listener !== 'function') return listener;
    const known = this.#guards.get(listener) ?? new Map<Name, AnyListener>();
    this.#guards.set(listener, known);
    const found = known.get(event);
    if (found !== undefined) return found;
    const failed = (thrown: unknown): void => this.listenerFailed(event, thrown);
    const guard = function guard(this: unknown, ...args: unknown[]): void {
      try {
        const returned = listener.apply(this, args);
        if (returned instanceof Promise) returned.catch(failed);
      } catch (thrown) {
        failed(thrown);
      }
    };
    known.set(event, guard);
    this.#guarded.set(guard, listener);
    return guard;
  }
}

/** The event under its own name, with the arguments that its listeners get; `result` has no listeners. */
export function emitOn(agent: AgentEmitter, event: AgentEvent): void {
  switch (event.type) {
    case 'message:user':
    case 'message:assistant':
      agent.emit(event.type, event.message);
      break;
    case 'history:append':
    case 'history:remove':
      agent.emit(event.type, event.message);
      break;
    case 'stream:delta':
      agent.emit('stream:delta', event.delta, event.accumulated);
      break;
    case 'stream:reasoning':
      agent.emit('stream:reasoning', event.delta);
      break;
    case 'stream:end':
      agent.emit('stream:end', event.text);
      break;
    case 'tool:call':
      agent.emit('tool:call', event.name, event.args, event.callId);
      break;
    case 'tool:result':
      agent.emit('tool:result', event.name, event.result, event.callId);
      break;
    case 'warning':
      agent.emit('warning', event.message);
      break;
    case 'stream:start':
    case 'thinking:start':
    case 'thinking:end':
      agent.emit(event.type);
      break;
    case 'result':
      break;
  }
}
