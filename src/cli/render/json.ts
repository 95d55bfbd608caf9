/** JSON on stdout: one document at the end, or one line an event. The shapes are the schemas'. */
import type { Output } from '../../base/deps.ts';
import { documentOf } from '../../base/result-document.ts';
import { safeJson } from '../../base/safe-json.ts';
import { isInternal } from '../../schemas/events.ts';
import type { Renderer } from './renderer.ts';

/** `--json`: exactly one document, in success and in failure. */
export function jsonRenderer(output: Output): Renderer {
  return async (event) => {
    const document = documentOf(event);
    if (document !== undefined) await output.write(`${safeJson(document)}\n`);
  };
}

/** `--jsonl`: one event a line, as they happen; the last one is `result` or `error`. */
export function jsonlRenderer(output: Output): Renderer {
  return async (event) => {
    if (isInternal(event)) return;
    if (event.type === 'failure') await output.write(`${safeJson({ ...event, type: 'error' })}\n`);
    else if (event.type === 'output')
      await output.write(
        `${safeJson({ type: event.error ? 'error' : 'result', ...asRecord(event.document) })}\n`,
      );
    else await output.write(`${safeJson(event)}\n`);
  };
}

function asRecord(document: unknown): Record<string, unknown> {
  return typeof document === 'object' && document !== null ? { ...document } : { value: document };
}
