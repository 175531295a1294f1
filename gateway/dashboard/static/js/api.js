/** Requests to the gateway that serves this page. The key goes into the Authorization header and nowhere else. */

/** A refusal of the gateway, or no answer at all (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} type
   * @param {string} detail
   */
  constructor(status, type, detail) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.type = type;
  }
}

const STORED_KEY = 'breakwater-api-key';
/** @type {string | null} */
let key = sessionStorage.getItem(STORED_KEY);

export const hasKey = () => key !== null;

/** Share of the protocol's quota that this page leaves alone: it is there for the protocol's own requests. */
const LEFT_ALONE = 0.5;
let quota = { limit: Number.POSITIVE_INFINITY, remaining: Number.POSITIVE_INFINITY, atMs: 0, windowMs: 0 };

/** @param {Headers} headers */
function noteQuota(headers) {
  const [, limit, seconds] = /q=(\d+);w=(\d+)/.exec(headers.get('RateLimit-Policy') ?? '') ?? [];
  const [, remaining] = /r=(\d+)/.exec(headers.get('RateLimit') ?? '') ?? [];
  if (limit === undefined || remaining === undefined) return;
  quota = {
    ...{ limit: Number(limit), remaining: Number(remaining) },
    ...{ atMs: performance.now(), windowMs: Number(seconds) * 1000 },
  };
}

/** Whether what nobody asked for may be read: more than half of the quota is there, as the last answer told. */
export function quotaIsSpare() {
  const { limit, remaining, atMs, windowMs } = quota;
  if (limit === Number.POSITIVE_INFINITY) return true;
  // It fills evenly, so that silence is enough to be asked again.
  const now = remaining + (limit * (performance.now() - atMs)) / windowMs;
  return now >= limit * LEFT_ALONE;
}

/** Kept for this tab until it is closed or the key is forgotten. @param {string | null} next */
export function useKey(next) {
  key = next;
  if (next === null) sessionStorage.removeItem(STORED_KEY);
  else sessionStorage.setItem(STORED_KEY, next);
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
export async function request(path, init = {}) {
  const headers = new Headers(init.headers);
  if (key !== null) headers.set('Authorization', `Bearer ${key}`);
  const response = await fetch(path, {
    ...init,
    headers,
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  }).catch((/** @type {unknown} */ error) => {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'no-answer', 'the gateway does not answer');
  });
  noteQuota(response.headers);
  if (response.ok) return response;
  throw await refusal(response);
}

/** @param {Response} response */
async function refusal(response) {
  /** @type {unknown} */
  const body = await response.json().catch(() => null);
  const { type, detail } = /** @type {{ type?: unknown, detail?: unknown }} */ (body ?? {});
  return new ApiError(
    response.status,
    typeof type === 'string' ? type.replace('/errors/', '') : 'unknown',
    typeof detail === 'string' ? detail : `the gateway answered ${response.status}`,
  );
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<any>} Each caller names the type of what it asks for.
 * @throws {ApiError}
 */
export async function getJson(path, init) {
  const response = await request(path, init);
  try {
    return await response.json();
  } catch {
    throw new ApiError(0, 'no-answer', 'the answer broke off');
  }
}

/** @param {string} path @param {unknown} body */
export const postJson = (path, body) =>
  getJson(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
