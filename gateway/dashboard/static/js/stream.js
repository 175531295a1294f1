import { ApiError, request } from './api.js';

/** The gateway sends a comment every 15 s; a line that is silent for longer is dead, whatever the socket says. */
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * @typedef {object} StreamHandlers
 * @property {(event: string, data: any) => void} onEvent
 * @property {() => void} onOpen
 * @property {(reason: string) => void} onLost The line is down; it is tried again.
 * @property {(error: ApiError) => void} onRefused The gateway refuses; it is not tried again.
 */

/**
 * Server-sent events by fetch, because EventSource cannot send an Authorization header. Goes on after the last event
 * seen, until the signal.
 * @param {StreamHandlers} handlers
 * @param {AbortSignal} signal
 */
export async function follow(handlers, signal) {
  let lastId = '';
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    const line = new AbortController();
    const cut = () => line.abort();
    signal.addEventListener('abort', cut);
    let reason = 'the stream ended';
    try {
      const response = await request('/v1/stream', {
        signal: line.signal,
        headers: lastId === '' ? {} : { 'Last-Event-ID': lastId },
      });
      waitMs = FIRST_WAIT_MS;
      handlers.onOpen();
      for await (const frame of frames(response, cut)) {
        if (frame.id !== '') lastId = frame.id;
        if (frame.event === 'closing') reason = 'the gateway stops';
        else if (frame.event === 'dropped') reason = 'the gateway dropped a slow reader';
        else handlers.onEvent(frame.event, JSON.parse(frame.data));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        handlers.onRefused(error);
        return;
      }
      reason = error instanceof ApiError ? error.message : 'the connection broke';
    } finally {
      signal.removeEventListener('abort', cut);
      line.abort();
    }
    if (signal.aborted) return;
    handlers.onLost(reason);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

/**
 * @param {Response} response
 * @param {() => void} cut
 */
async function* frames(response, cut) {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const silence = setTimeout(cut, SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    text += value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const frame = parse(text.slice(0, end));
      text = text.slice(end + 2);
      if (frame.data !== '') yield frame;
    }
  }
}

/** @param {string} text */
function parse(text) {
  const frame = { id: '', event: 'message', data: '' };
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (line.startsWith('id:')) frame.id = value;
    else if (line.startsWith('event:')) frame.event = value;
    else if (line.startsWith('data:')) frame.data += frame.data === '' ? value : `\n${value}`;
  }
  return frame;
}
