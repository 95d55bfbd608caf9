/** Which requests were read and not answered yet: the end of the input is no end of these. It answers none itself. */
import { asObject, type JsonObject } from '../../base/json.ts';

export class Unanswered {
  private readonly ids = new Set<unknown>();
  private wake = (): void => {};

  /** Of the host. A request that it takes back gets no answer. */
  read({ id, method, params }: JsonObject): void {
    if (method === 'notifications/cancelled') this.forget(asObject(params)?.requestId);
    else if (method !== undefined && id !== undefined) this.ids.add(id);
  }

  /** Of ours. */
  written(message: object): void {
    if ('id' in message && ('result' in message || 'error' in message)) this.forget(message.id);
  }

  /** Resolves when each has its answer, or when there is nobody who would read one. */
  async settled(stop: AbortSignal): Promise<void> {
    if (this.ids.size === 0 || stop.aborted) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  private forget(id: unknown): void {
    this.ids.delete(id);
    if (this.ids.size === 0) this.wake();
  }
}
