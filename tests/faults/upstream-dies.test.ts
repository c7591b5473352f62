/**
 * The story: the market app was restarted while it answered. One gateway sent the order a second time on a fresh
 * connection, another handed half a page on as if it were whole. At whichever byte the app dies: nobody is sent twice,
 * nobody takes a part for the whole, and the record says what is known.
 */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { eventsSeenBy } from '../security/lenient-system.ts';
import { visitor } from '../visitor.ts';
import { seen } from './fault-table.ts';
import { startFaultyGateway } from './faulty-gateway.ts';
import { onlookers } from './onlookers.ts';

const JSON_TYPE = 'Content-Type: application/json';
const page = gzipSync('<!doctype html><html><body><p>The market</p></body></html>');
const answers: Readonly<Record<string, Buffer>> = {
  'content-length': Buffer.from(`HTTP/1.1 201 Created\r\n${JSON_TYPE}\r\nContent-Length: 8\r\n\r\n{"a": 1}`),
  chunked: Buffer.from(
    `HTTP/1.1 201 Created\r\n${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n`,
  ),
  'a gzipped page': Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: ${page.length}\r\n\r\n`,
    ),
    page,
  ]),
};

/** What a browser makes of it. */
async function outcomeOf(asked: Promise<Response>): Promise<string> {
  const response = await asked.catch(() => null);
  if (response === null) return 'no answer';
  const how = await response.text().then(
    () => 'whole',
    () => 'broken',
  );
  return `${response.status} ${how}`;
}

test.each(Object.entries(answers))('at each byte of %s', { timeout: 120_000 }, async (framing, answer) => {
  const system = await startFaultyGateway();
  const { upstream, gateway } = system;
  const people = onlookers(gateway, 5000);
  await people.seat();
  const sue = visitor(gateway.url);
  sue.cookies.set('market_session', 'u-sue');
  const status = Number(/ (\d{3}) /.exec(answer.toString('latin1'))?.[1]);
  const head = answer.indexOf('\r\n\r\n') + 4;
  const navigation = { accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };

  for (let died = 0; died <= answer.length; died += 1) {
    upstream.forget();
    upstream.behave(({ target }, response) => {
      if (target !== '/api/orders' && target !== '/half') return false;
      const { socket } = response;
      socket?.write(answer.subarray(0, died), () => socket.destroy());
      return true;
    });
    const got = await Promise.all([
      outcomeOf(people.mia.get('/half', navigation)),
      outcomeOf(people.mia.send('POST', '/api/orders', {})),
      outcomeOf(sue.send('POST', '/api/orders', {})),
    ]);
    const expected =
      died < head ? '502 whole' : died < answer.length ? `${status} broken` : `${status} whole`;
    // A page that is decorated may break off before its head has left; it is a read, and may be asked for again.
    if (framing === 'a gzipped page' && got[0] === 'no answer' && died >= head && died < answer.length)
      got[0] = expected;
    expect(got, `${framing}, dead after ${died} of ${answer.length} bytes`).toEqual([
      expected,
      expected,
      expected,
    ]);
    // Once each: what may have been done is not done again.
    expect(upstream.executed.map(({ method }) => method).toSorted()).toEqual(['GET', 'POST', 'POST']);
  }
  upstream.behave(null);

  const root = visitor(gateway.url);
  root.cookies.set('market_session', 'u-root');
  const writes = answer.length + 1;
  await expect
    .poll(async () => (await eventsSeenBy(root)).filter(({ event }) => event === 'action').length)
    .toBe(writes);
  const rows = (await eventsSeenBy(root)).filter(({ event }) => event === 'action');
  const unknown = rows.filter(
    ({ outcome, details }) => outcome === 'error' && details['note'] === 'the outcome is unknown',
  );
  expect(unknown).toHaveLength(head);
  expect(rows.filter(({ outcome, status_code }) => outcome === 'ok' && status_code === status)).toHaveLength(
    writes - head,
  );
  if (framing !== 'chunked') return;
  seen({
    part: 'The market app',
    fault: 'It dies at each byte of its answer (with a length, in chunks, compressed)',
    acting:
      'before the head is whole 502 `upstream_unreachable`, then its status and a body that visibly breaks off; never sent twice',
    ordinary: 'the same',
    reviewing: 'log 200, ready 200',
    record: 'one row for each write: "the outcome is unknown" before the head was whole, its status after',
  });
});
