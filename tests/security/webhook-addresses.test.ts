/**
 * A gateway stands inside the network, and sends to addresses that a file names: a typing mistake, a name that resolves
 * elsewhere by now or an address of the cloud's own metadata service must not make it talk to what only it can reach.
 */
import { describe, expect, it } from 'vitest';
import { createPoster } from '../../gateway/webhooks/post-once.ts';
import { isPrivateAddress } from '../../gateway/webhooks/private-address.ts';
import { webhooksSchema } from '../../gateway/webhooks/webhooks-schema.ts';
import { startReceiver } from '../gateway/webhooks/receiver.ts';

const config = (url: string, more: Readonly<Record<string, unknown>> = {}) => {
  const [webhook] = webhooksSchema.parse([{ id: 'shop', url, secret_file: 'x', timeout: '2s', ...more }]);
  if (webhook === undefined) throw new Error('none');
  return webhook;
};
const post = async (url: string, more: Readonly<Record<string, unknown>>) => {
  const poster = createPoster(config(url, more));
  const posted = await poster.post('{"type":"x"}', {}, new AbortController().signal);
  await poster.close();
  return posted;
};

describe('a webhook’s address', () => {
  it('is https, unless it is said that it need not be', () => {
    expect(() => config('http://shop.example/hook')).toThrow('https');
    expect(() => config('ftp://shop.example/hook')).toThrow('Invalid URL');
    expect(() => config('https://name:word@shop.example/hook')).toThrow('name and password');
    expect(config('http://shop.example/hook', { allow_http: true }).url).toBe('http://shop.example/hook');
    expect(config('https://shop.example/hook')).toMatchObject({ allow_http: false, allow_private: false });
  });

  it('is no private one, in whatever spelling, by name or by number', async () => {
    const receiver = await startReceiver();
    const { port } = new URL(receiver.url);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::127.0.0.1]',
      '[::ffff:0:127.0.0.1]',
    ])
      expect([host, await post(`http://${host}:${port}/`, { allow_http: true })]).toEqual([
        host,
        { ok: false, why: 'its address is private' },
      ]);
    expect(receiver.received).toEqual([]);
    expect(await post(`http://localhost:${port}/`, { allow_http: true, allow_private: true })).toEqual({
      ok: true,
    });
    await receiver.close();
  });

  it.each([
    '10.1.2.3',
    '100.64.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '198.19.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '::a9fe:a9fe',
    '::ffff:0:a9fe:a9fe',
    '100::1',
    '2001:0:a9fe:a9fe::',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '5f00::1',
    'fd00::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'shop.example',
  ])('%s is not sent to', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2001:200::1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});
