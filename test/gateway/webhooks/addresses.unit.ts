import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../gateway/webhooks/addresses.ts';
import { WebhookTargetError, webhookUrl } from '../../../gateway/webhooks/target.ts';

describe('isPublicAddress', () => {
  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '93.184.216.34',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '2606:4700::1111',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

  test.each([
    ['this network', '0.0.0.0'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['carrier NAT', '100.64.0.1'],
    ['link-local, cloud metadata', '169.254.169.254'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.7'],
    ['documentation', '203.0.113.9'],
    ['benchmark', '198.18.0.1'],
    ['6to4 relay', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped private', '::ffff:10.0.0.1'],
    ['mapped public, which sockets reach as IPv4', '::ffff:8.8.8.8'],
    ['mapped in hex', '::ffff:7f00:1'],
    ['compatible', '::127.0.0.1'],
    ['NAT64 of loopback', '64:ff9b::7f00:1'],
    ['NAT64, local', '64:ff9b:1::1'],
    ['unique local', 'fc00::1'],
    ['unique local, metadata of AWS', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['Teredo', '2001:0:7f00:1::1'],
    ['documentation', '2001:db8::1'],
    ['6to4 of loopback', '2002:7f00:1::1'],
    ['documentation', '3fff::1'],
    ['discard', '100::1'],
    ['not an address', 'localhost'],
    ['nothing', ''],
  ])('%s %s is not', (_, address) => expect(isPublicAddress(address)).toBe(false));
});

describe('webhookUrl', () => {
  test('takes https to a public host', () => {
    expect(webhookUrl('https://Venue.Example:8443/hook?x=1', false).href).toBe(
      'https://venue.example:8443/hook?x=1',
    );
    expect(webhookUrl('https://93.184.216.34/', false).hostname).toBe('93.184.216.34');
  });

  test.each([
    ['plain http', 'http://venue.example/'],
    ['another protocol', 'ftp://venue.example/'],
    ['a file', 'file:///etc/passwd'],
    ['gopher', 'gopher://venue.example/'],
    ['a user', 'https://user@venue.example/'],
    ['a password', 'https://user:pass@venue.example/'],
    ['a fragment', 'https://venue.example/#x'],
    ['not a URL', 'venue.example/hook'],
    ['too long', `https://venue.example/${'a'.repeat(2048)}`],
    ['a loopback name', 'https://localhost/'],
    ['a loopback name with a dot', 'https://localhost./'],
    ['a name below it', 'https://x.localhost/'],
    ['a name without a domain', 'https://redis/'],
    ['an internal name', 'https://metadata.google.internal/'],
    ['a name of the local network', 'https://printer.local/'],
    ['a loopback address', 'https://127.0.0.1/'],
    ['one in short', 'https://127.1/'],
    ['one in decimal', 'https://2130706433/'],
    ['one in hex', 'https://0x7f000001/'],
    ['one in octal', 'https://0177.0.0.1/'],
    ['one in fullwidth digits', 'https://１２７.０.０.１/'],
    ['the metadata service', 'https://169.254.169.254/latest/meta-data/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['unique local', 'https://[fd00::1]/'],
  ])('refuses %s', (_, url) => {
    expect(() => webhookUrl(url, false)).toThrow(WebhookTargetError);
  });

  test('takes http and this machine where that is allowed for development', () => {
    expect(webhookUrl('http://127.0.0.1:9/x', true).port).toBe('9');
    expect(() => webhookUrl('ftp://127.0.0.1/', true)).toThrow(WebhookTargetError);
  });
});
