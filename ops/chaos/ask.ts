import type { ClusterProtocol } from '../cluster/configuration.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read field by field and compared
  readonly body: any;
}

/**
 * One request to a gateway. @returns null when there was no answer: then nothing is known about what it did.
 */
export async function ask(
  url: string,
  { key }: ClusterProtocol,
  path: string,
  options: {
    readonly method?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  } = {},
): Promise<Answer | null> {
  const { method = 'GET', body, headers = {}, timeoutMs = 8_000 } = options;
  try {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return null;
  }
}
