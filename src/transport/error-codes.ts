/** What the slugs of errors mean, by vendor: tables only. It reads no body, and no sentence. */
import type { ExitName } from '../base/errors.ts';

/**
 * Numbers mean something only beside the vendor that uses them: `minimax:1008` is `base_resp.status_code`, `zhipu:1301` is
 * `error.code` as text in an object with nothing but a message beside it, `cloudflare:2016` stands in `errors[]`.
 */
const slugsByExit: Partial<Record<ExitName, readonly string[]>> = {
  refused: [
    // AllToken; OpenAI and Azure (learn.microsoft.com/azure/ai-services/openai/concepts/content-filter); LiteLLM's exceptions.py
    'upstream_content_violation',
    'content_filter',
    'contentFilter',
    'content_policy_violation',
    'ContentPolicyViolationError',
    'ResponsibleAIPolicyViolation',
    'moderation_blocked',
    'content_moderation',
    'safety_violation',
    // ZenMux (docs.zenmux.ai/guide/advanced/error-codes)
    'safety_check_failed',
    // OpenRouter: `metadata.flagged_input` or `metadata.reasons` (openrouter.ai/docs/errors)
    'flagged_input',
    // Zhipu's word and number (docs.bigmodel.cn/cn/api/api-code)
    'sensitive',
    'zhipu:1301',
    // DashScope (help.aliyun.com/model-studio/error-code)
    'DataInspectionFailed',
    // MiniMax (platform.minimax.io/docs/api-reference/errorcode)
    'minimax:1026',
    'minimax:1027',
    // Ark (volcengine.com/docs/82379/1299023); each may have a suffix behind a dot
    'SensitiveContentDetected',
    ...['Input', 'Output'].flatMap((way) =>
      ['Text', 'Image', 'Video', 'Audio'].flatMap((medium) =>
        ['SensitiveContentDetected', 'RiskDetection'].map((what) => way + medium + what),
      ),
    ),
    // Gemini's block reasons (ai.google.dev/api/generate-content)
    'PROHIBITED_CONTENT',
    'IMAGE_SAFETY',
    'SAFETY',
    // Cloudflare's guardrails (developers.cloudflare.com/ai-gateway/features/guardrails)
    'cloudflare:2016',
    'cloudflare:2017',
  ],
  already_retrieved: ['image_already_retrieved'],
  expired: ['image_expired', 'result_expired'],
  // `alltoken serve` and `alltoken run`: beside the type of an empty balance, which OpenAI's clients know
  budget: ['max_cost', 'cost_unbounded', 'budget_call', 'budget_day', 'budget_month'],
  balance: [
    // OpenAI (platform.openai.com/docs/guides/error-codes)
    'insufficient_quota',
    'billing_hard_limit_reached',
    'billing_not_active',
    // AllToken, DeepSeek's and MiniMax's names
    'insufficient_balance',
    'insufficient_balance_error',
    'minimax:1008',
    // Moonshot (platform.kimi.com/docs/api/errors)
    'exceeded_current_quota_error',
    // Zhipu, whose number other gateways pass on with a type
    '1113',
    'zhipu:1113',
    // Anthropic
    'billing_error',
    'credit_balance_too_low',
    // DashScope
    'Arrearage',
    'BIL.UserArrears',
    'AllocationQuota.FreeTierOnly',
    // Ark
    'AccountOverdue',
    'AccountOverdueError',
    // one-api and new-api (relay/controller/helper.go)
    'insufficient_user_quota',
    'pre_consume_token_quota_failed',
    'quota_not_enough',
    // LiteLLM's virtual keys: 429 or 400
    'budget_exceeded',
    // OpenRouter, Together, Venice, ZenMux, xAI
    'payment_required',
    'insufficient_credits',
    'insufficient_credit',
    'insufficient_funds',
    'not_enough_credits',
    'out_of_credits',
    'reject_no_credit',
    'credit_limit',
    'credits_required',
    'API_KEY_USD_SPEND_LIMIT_EXCEEDED',
    'API_KEY_DIEM_SPEND_LIMIT_EXCEEDED',
    'personal-team-blocked:spending-limit',
    // Workers AI, the daily free allocation (developers.cloudflare.com/workers-ai/platform/errors)
    'cloudflare:3036',
    'cloudflare:4006',
  ],
  auth: [
    'invalid_api_key',
    'InvalidApiKey',
    'API_KEY_INVALID',
    'UNAUTHENTICATED',
    'authentication_error',
    'auth_error',
    'invalid_authentication_error',
    'incorrect_api_key_error',
    'minimax:1004',
    'minimax:2049',
  ],
  forbidden: ['permission_error', 'permission_denied', 'permission_denied_error', 'AccessDenied'],
  not_found: [
    'model_not_found',
    'upstream_model_not_found',
    'not_found_error',
    'NOT_FOUND',
    'resource_not_found_error',
    'ModelNotFound',
    'ModelNotOpen',
    'model_not_available',
    'DeploymentNotFound',
    'InvalidEndpointOrModel.NotFound',
    'zhipu:1211',
  ],
  rejected: [
    'invalid_request',
    'invalid_request_error',
    'invalid_parameter_error',
    'upstream_invalid_parameter',
    'param_not_supported_for_model',
    'unsupported_parameter',
    'unsupported_value',
    'BadRequestError',
    'INVALID_ARGUMENT',
    'FAILED_PRECONDITION',
    'InvalidParameter',
    'MissingParameter',
    // Servers of OpenAI's wire that have sent status 200 before they look at the request.
    'invalid_model',
    'context_length_exceeded',
    // llama.cpp (tools/server/server-context.cpp), LiteLLM, OpenRouter
    'exceed_context_size_error',
    'ContextWindowExceededError',
    'string_too_long',
    'zhipu:1261',
    ...['1210', '1212', '1213', '1214', '1215'].map((code) => `zhipu:${code}`),
    'minimax:1042',
    'minimax:2013',
  ],
  rate_limited: [
    'rate_limit_exceeded',
    'rate_limited',
    'rate_limit_error',
    'rate_limit_reached_error',
    'too_many_requests',
    'RESOURCE_EXHAUSTED',
    'Throttling',
    'ThrottlingException',
    ...['1302', '1303', '1304', '1305', '1308', '1312'].map((code) => `zhipu:${code}`),
    'minimax:1002',
    'minimax:1039',
    'minimax:1041',
  ],
  upstream: [
    'all_providers_failed',
    'upstream_error',
    'upstream_auth_failed',
    'unknown_api_format',
    'overloaded_error',
    'engine_overloaded_error',
    'server_error',
    'INTERNAL',
    'internal_error',
    'internal_server_error',
    'UNAVAILABLE',
    'ServiceUnavailable',
    'minimax:1013',
    'minimax:1033',
  ],
};

/** The request is too long for the model: another limit does not help, a shorter one or another model does. */
const tooLong = slugSet([
  'context_length_exceeded',
  'exceed_context_size_error',
  'ContextWindowExceededError',
  'string_too_long',
  'zhipu:1261',
]);

/** The named field as such is refused, not its value: the request is accepted without it. */
const fieldRefused = slugSet([
  'unsupported_parameter',
  'unsupported_value',
  'unknown_parameter',
  'param_not_supported_for_model',
  'UnsupportedParameter',
  // pydantic (docs.pydantic.dev/latest/errors/validation_errors)
  'extra_forbidden',
  'value_error.extra',
]);

const byName = new Map<string, ExitName>(
  Object.entries(slugsByExit).flatMap(([exit, slugs]) =>
    slugs.map((slug): [string, ExitName] => [plain(slug), exit as ExitName]),
  ),
);

/** `insufficient_quota`, `InsufficientQuota` and `insufficient-quota-error` are one; the vendor before a number stays. */
function plain(slug: string): string {
  const letters = slug
    .slice(0, 200)
    .toLowerCase()
    .replace(/[^a-z0-9:]/g, '');
  return letters.replace(/(error|exception)$/, '') || letters;
}

function slugSet(slugs: readonly string[]): ReadonlySet<string> {
  return new Set(slugs.map(plain));
}

/** As it stands, or without what follows a dot: `Throttling.RateQuota` is a `Throttling`. */
function exitOf(slug: string): ExitName | undefined {
  return byName.get(plain(slug)) ?? byName.get(plain(slug.split('.')[0] ?? ''));
}

/** Where one of several slugs says so, it is the case: these are what the others only describe in general. */
const decisive: readonly ExitName[] = ['refused', 'already_retrieved', 'budget', 'balance'];

/** The exit that is certain whatever the HTTP status; the slugs are the best first. */
export function exitOfSlugs(slugs: readonly string[]): ExitName | undefined {
  const exits = slugs.flatMap((slug) => exitOf(slug) ?? []);
  return decisive.find((exit) => exits.includes(exit)) ?? exits[0];
}

export function isTooLong(slugs: readonly string[]): boolean {
  return slugs.some((slug) => tooLong.has(plain(slug)));
}

export function isFieldRefused(slugs: readonly string[]): boolean {
  return slugs.some((slug) => fieldRefused.has(plain(slug)));
}
