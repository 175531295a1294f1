import { isIP } from 'node:net';
import { BreakwaterError } from '../../risk/errors.ts';
import { isPublicAddress } from './addresses.ts';

/** The URL may not be called. */
export class WebhookTargetError extends BreakwaterError {
  override readonly name = 'WebhookTargetError';
  constructor(message: string) {
    super(`url: ${message}`, {
      type: 'webhook-target',
      kind: 'unprocessable',
      issues: [{ field: 'url', message }],
    });
  }
}

const LOCAL_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa)$/i;

/** Host of a URL as sockets take it: without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * The URL of a webhook, checked as far as it can be without asking anyone: names are resolved when it is called, so
 * that an answer here tells nothing about names inside our network. `allowPrivate` is for development only.
 * @throws WebhookTargetError
 */
export function webhookUrl(text: string, allowPrivate: boolean): URL {
  if (text.length > 2048 || !URL.canParse(text))
    throw new WebhookTargetError('must be a URL of at most 2048 characters');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    throw new WebhookTargetError('must start with https://');
  }
  if (url.username !== '' || url.password !== '')
    throw new WebhookTargetError('must not carry a user or password');
  if (url.hash !== '') throw new WebhookTargetError('must not have a fragment');
  if (allowPrivate) return url;
  const host = hostOf(url).replace(/\.$/, '');
  const refused = isIP(host) === 0 ? LOCAL_NAME.test(host) || !host.includes('.') : !isPublicAddress(host);
  if (refused) throw new WebhookTargetError('must be a host of the public internet');
  return url;
}
