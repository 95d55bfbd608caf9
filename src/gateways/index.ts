/** The table of gateways: adding one is a file and a line here. */
import { alltoken } from './alltoken.ts';
import { altllm } from './altllm.ts';
import { openai } from './openai.ts';
import { sandbox } from './sandbox.ts';
import { tokenhub } from './tokenhub.ts';
import type { Gateway } from './types.ts';

/** By the name that -g takes. */
export const builtInGateways: ReadonlyMap<string, Gateway> = new Map(
  [alltoken, tokenhub, altllm, sandbox].map((gateway) => [gateway.id, gateway]),
);

/** By the `kind` that a gateway from the config names. */
export const gatewayTemplates: ReadonlyMap<string, Gateway> = new Map(
  [alltoken, tokenhub, altllm, openai].map((gateway) => [gateway.id, gateway]),
);
