import { lookup as resolve } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './addresses.ts';
import { hostOf, webhookUrl } from './target.ts';

export interface Resolved {
  readonly address: string;
  readonly family: number;
}

export interface SendOptions {
  /** For development: http and addresses of this machine or network. */
  readonly allowPrivate: boolean;
  /** Wall time for everything, resolution included. Default 10 s. */
  readonly timeoutMs?: number;
  /** Asks DNS; replaced in tests. */
  readonly resolve?: (host: string) => Promise<readonly Resolved[]>;
}

/** What became of a call: the status of an answer, or why there was none. */
export interface SendOutcome {
  readonly status: number | null;
  /** null when it was taken (2xx). Names no address. */
  readonly error: string | null;
}

const TIMEOUT_MS = 10_000;
/** What an answer says is of no interest; it is read so far to let the connection end. */
const MAX_ANSWER_BYTES = 16 * 1024;
const REFUSED = 'the host has no address of the public internet';

const failed = (error: string): SendOutcome => ({ status: null, error });

/**
 * Posts JSON to a webhook. The host is resolved once, every address must be public, and the connection goes to one of
 * those addresses and to no other: a name that resolves otherwise a moment later changes nothing. Redirects are not
 * followed. Never throws.
 */
export async function sendWebhook(
  target: string,
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  options: SendOptions,
  signal?: AbortSignal,
): Promise<SendOutcome> {
  const { allowPrivate } = options;
  const limit = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const ends = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  try {
    const url = webhookUrl(target, allowPrivate);
    const addresses = await addressesOf(hostOf(url), options, ends);
    if (addresses.length === 0) return failed(REFUSED);
    return await post(url, addresses, message, allowPrivate, ends);
  } catch (error) {
    if (limit.aborted) return failed('no answer in time');
    const code = (error as NodeJS.ErrnoException).code;
    return failed(code === undefined ? 'the call failed' : `the call failed: ${code}`);
  }
}

/** Addresses that may be called; none when the name is unknown or any of its addresses is not public. */
async function addressesOf(
  host: string,
  options: SendOptions,
  signal: AbortSignal,
): Promise<readonly Resolved[]> {
  const ask = options.resolve ?? ((name: string) => resolve(name, { all: true }));
  const family = isIP(host);
  const asked = family === 0 ? ask(host) : Promise.resolve([{ address: host, family }]);
  const found = await Promise.race([asked.catch(() => []), aborted(signal)]);
  const allowed = options.allowPrivate || found.every(({ address }) => isPublicAddress(address));
  return allowed ? found : [];
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function post(
  url: URL,
  addresses: readonly Resolved[],
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  allowPrivate: boolean,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const pinned: LookupFunction = (_host, { all }, done) => {
    const [first] = addresses;
    if (all) done(null, [...addresses]);
    else done(null, first!.address, first!.family);
  };
  const body = Buffer.from(message.body, 'utf8');
  return new Promise((answer, fail) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = open(url, {
      method: 'POST',
      agent: false,
      lookup: pinned,
      signal,
      maxHeaderSize: 16 * 1024,
      headers: {
        ...message.headers,
        'content-type': 'application/json',
        'content-length': body.length,
        'user-agent': 'Breakwater-Webhooks/1',
      },
    });
    request.on('socket', (socket) => {
      socket.once('connect', () => {
        // The last word has the connection itself.
        if (!allowPrivate && !isPublicAddress(socket.remoteAddress ?? '')) socket.destroy(new Error(REFUSED));
      });
    });
    request.on('error', fail);
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const outcome = { status, error: status >= 200 && status < 300 ? null : `answered ${status}` };
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) request.destroy();
      });
      response.on('error', () => answer(outcome));
      response.on('close', () => answer(outcome));
    });
    request.end(body);
  });
}
