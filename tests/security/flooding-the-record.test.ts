/**
 * Somebody who acts, or a script in a page they have open, asks for a blocked route again and again: every attempt is a
 * row, rows are for ever, and a full disk stops everyone. The attempts stay refused; the rows become a count. And whoever
 * starts and stops sessions without end is slowed down as well.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE } from '../system.ts';
import { startLenientSystem, type LenientSystem } from './lenient-system.ts';

let lenient: LenientSystem;
afterEach(() => lenient.close());

const limited = (lines: string): Promise<LenientSystem> =>
  startLenientSystem({ editGateway: (yaml) => `${yaml}\nlimits: { ${lines} }\n` });

describe('what is tried and refused too often', () => {
  it('is refused each time, recorded so many times a minute, and counted beyond', async () => {
    lenient = await limited('blocked_rows_per_minute: 3');
    const mia = lenient.person('u-mia');
    await mia.actAs('u-sam');
    lenient.upstream.forget();
    for (let tries = 0; tries < 10; tries += 1) {
      const path = tries % 2 === 0 ? '/api/password' : '/api//password';
      expect((await mia.send('PUT', path, {})).status).toBe(tries % 2 === 0 ? 403 : 400);
    }
    expect(lenient.upstream.executed).toEqual([]);
    const blocked = async () => (await lenient.events()).filter(({ event }) => event === 'blocked');
    expect(await blocked()).toHaveLength(3);
    await lenient.system.pass(MINUTE);
    const rows = await blocked();
    expect(rows).toHaveLength(4);
    expect(rows[3]).toMatchObject({
      action: 'more_blocked_attempts',
      outcome: 'blocked',
      path: null,
      details: { count: 7 },
    });
    // The next minute begins anew, and its count is written before its session's end.
    for (let tries = 0; tries < 5; tries += 1) await mia.send('PUT', '/api/password', {});
    await mia.stop();
    const end = (await lenient.events()).slice(-2);
    expect(end[0]).toMatchObject({ action: 'more_blocked_attempts', details: { count: 2 } });
    expect(end[1]).toMatchObject({ event: 'stop' });
  });

  it('is counted for each session alone', async () => {
    lenient = await limited('blocked_rows_per_minute: 1');
    const mia = lenient.person('u-mia');
    const mo = lenient.person('u-mo');
    await mia.actAs('u-sam');
    await mo.actAs('u-sue');
    for (const who of [mia, mia, mo]) await who.send('PUT', '/api/password', {});
    expect((await lenient.events()).filter(({ event }) => event === 'blocked')).toHaveLength(2);
  });
});

describe('whoever starts without end', () => {
  it('is refused until a moment has passed; others are not', async () => {
    lenient = await limited('starts_per_minute: 2');
    const mia = lenient.person('u-mia');
    for (let tries = 0; tries < 2; tries += 1) {
      await mia.actAs('u-sam');
      await mia.stop();
    }
    for (const path of ['/_act-as/sessions', '/_act-as/tokens']) {
      const refused = await mia.send('POST', path, { subject: 'u-sam' });
      expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'too_many_requests' }]);
      expect(refused.headers.get('retry-after')).toBe('60');
    }
    await lenient.person('u-mo').actAs('u-sue');
    await lenient.system.pass(MINUTE / 2);
    await mia.actAs('u-sam');
  });

  it('makes no more links than sessions', async () => {
    lenient = await limited('starts_per_minute: 2');
    const mia = lenient.person('u-mia');
    const make = async (): Promise<number> =>
      (await mia.send('POST', '/_act-as/links', { subject: 'u-sam' })).status;
    expect([await make(), await make(), await make()]).toEqual([201, 201, 429]);
  });
});
