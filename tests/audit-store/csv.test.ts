import { stringify } from 'csv-stringify/sync';
import * as fc from 'fast-check';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  csvFileName,
  exportCsv,
  openSqliteAuditReader,
  openSqliteAuditStore,
} from '../../audit-store/index.ts';
import { cells, csvLine, csvPage } from '../../audit-store/csv-lines.ts';
import { disarmed } from '../../audit-store/disarmed.ts';
import { NOON, recordFile, testClock } from './record-folder.ts';
import { hal, max, mia, sam, sampleEvent, startEvent } from './sample.ts';

const HEADER =
  'created_at,event,outcome,status_code,manager_name,manager_email,customer_name,customer_email,market_name,' +
  'method,path,action,reason,ip_address,user_agent\r\n';

async function newStore() {
  const clock = testClock();
  const store = await openSqliteAuditStore({ file: recordFile(), clock });
  onTestFinished(() => store.close());
  return { clock, store };
}

/** A record of so many events that exists only as pages, and counts how many were asked for. */
function endless(total: number) {
  const asked: number[] = [];
  return {
    asked,
    csvLines(_filter: object, page: { beforeSeq?: number; limit: number }) {
      asked.push(page.beforeSeq ?? 0);
      const top = (page.beforeSeq ?? total + 1) - 1;
      const rows = Math.min(page.limit, top);
      const lines = Array.from(
        { length: rows },
        (_, i) => `2026-04-18T16:00:00.000Z,action,ok,${top - i},${'x'.repeat(200)}\r\n`,
      );
      return Promise.resolve(csvPage(lines, rows < top ? top - rows + 1 : null));
    },
  };
}

describe('the CSV', () => {
  test('has the fifteen columns, newest first, blank where there is nothing, to the byte', async () => {
    const { clock, store } = await newStore();
    await store.append(startEvent('s1', { reason: 'phone order, "Tuesday"\npickup' }));
    clock.set(NOON + 1500);
    await store.append(
      sampleEvent({
        event: 'expired',
        action: 'idle_timeout',
        market: null,
        statusCode: null,
        method: null,
        path: null,
        ipAddress: null,
        userAgent: null,
      }),
    );
    expect(await text(exportCsv(store, {}))).toBe(
      HEADER +
        '2026-04-18T16:00:01.500Z,expired,ok,,Mia Moreno,mia@valley.example,Sam Éclair,sam@valley.example,,,,idle_timeout,,,\r\n' +
        '2026-04-18T16:00:00.000Z,start,ok,201,Mia Moreno,mia@valley.example,Sam Éclair,sam@valley.example,' +
        'Valley Market,POST,/_act-as/sessions,start_acting,"phone order, ""Tuesday""\\u000apickup",203.0.113.7,Mozilla/5.0\r\n',
    );
  });

  test('of nothing is the header alone', async () => {
    const { store } = await newStore();
    expect(await text(exportCsv(store, {}))).toBe(HEADER);
  });

  test('has what the filter leaves, over many pages', async () => {
    const { store } = await newStore();
    await Promise.all(
      Array.from({ length: 1300 }, (_, i) =>
        store.append(i % 2 ? sampleEvent({ action: `a${i}` }) : sampleEvent({ actor: max, subject: hal })),
      ),
    );
    const lines = (await text(exportCsv(store, { manager: 'mia' }))).trimEnd().split('\r\n');
    expect(lines).toHaveLength(651);
    expect(lines[1]).toContain(',a1299,');
    expect(lines[650]).toContain(',a1,');
  });

  test('disarms formulas in every text a person could have chosen', async () => {
    const { store } = await newStore();
    await store.append(
      startEvent('s1', {
        actor: { ...mia, name: '=1+1' },
        subject: { ...sam, name: ' +cmd|x', email: '@sum' },
        reason: '-2+3',
        userAgent: '＝HYPERLINK("http://x","y")',
        path: '/=fine',
      }),
    );
    const row = (await text(exportCsv(store, {}))).split('\r\n')[1];
    expect(row).toContain(`,"'=1+1",mia@valley.example,"' +cmd|x","'@sum",`);
    expect(row).toContain(`,/=fine,start_acting,"'-2+3",203.0.113.7,"'＝HYPERLINK(""http://x"",""y"")"`);
  });
});

test('an entry whose event or outcome is none of ours is no line of the CSV', () => {
  const beside = { actor: cells(null, null), subject: cells(null, null), origin: cells(null, null) };
  const entry = {
    at: NOON,
    event: 'start',
    outcome: 'ok',
    status_code: null,
    market: null,
    method: null,
    path: null,
    action: null,
    reason: null,
  };
  const line = (changed: object): string =>
    csvLine({ body: JSON.stringify({ ...entry, ...changed }), ...beside });
  expect(line({})).toContain(',start,ok,');
  for (const changed of [
    { event: '=1+1' },
    { event: 'start\r\n2026' },
    { outcome: '@sum' },
    { outcome: 'ok,ok' },
  ])
    expect(() => line(changed), JSON.stringify(changed)).toThrow('an entry is no event');
});

test.each([
  ['=1', true],
  ['+1', true],
  ['-1', true],
  ['@x', true],
  ['\t1', true],
  ['\r1', true],
  ['\u0000=1', true],
  ['   =1', true],
  ['\u00a0\u3000=1', true],
  ['\u200b=1', true],
  ['＋1', true],
  ['－1', true],
  ['＠x', true],
  ['1=1', false],
  ['a+b@c', false],
  ['/api/orders', false],
  ['', false],
])('the cell %j is disarmed: %s', (cell, armed) => {
  expect(disarmed(cell)).toBe(armed ? `'${cell}` : cell);
});

test('cells are quoted as a library of its own quotes them', () => {
  const pieces = ['a', 'É', ' ', '=', "'", '"', ',', '\r', '\n', '\t', '+1', '😀', '\u200b'];
  fc.assert(
    fc.property(fc.array(fc.option(fc.string({ unit: fc.constantFrom(...pieces) }))), (values) => {
      const safe = values.map((value) => disarmed(value));
      const theirs = stringify([safe], { record_delimiter: '\r\n', quoted_match: /^'|\r|\n/ });
      expect(`${cells(...values)}\r\n`).toBe(values.length === 0 ? '\r\n' : theirs);
    }),
  );
});

test('numbers and blanks are left as they are', () => {
  expect([disarmed(-1), disarmed(null)]).toEqual([-1, null]);
});

describe('the stream', () => {
  test('fetches pages only as fast as it is read', async () => {
    const store = endless(1_000_000);
    const stream = exportCsv(store, {});
    onTestFinished(() => void stream.destroy());
    stream.read(0);
    await wait(50);
    expect(store.asked.length).toBeLessThanOrEqual(3);
  });

  test('ends with an error when its reader takes nothing for the time allowed', async () => {
    const stream = exportCsv(endless(1_000_000), {}, { stallMs: 30 });
    const failure = new Promise((resolve) => stream.once('error', resolve));
    stream.read(0);
    expect(await failure).toEqual(new Error("the export's reader took nothing for 30 ms"));
  });

  test('also when only the last bytes are left untaken', async () => {
    const stream = exportCsv(endless(3), {}, { stallMs: 30 });
    const failure = new Promise((resolve) => stream.once('error', resolve));
    stream.read(0);
    expect(await failure).toBeInstanceOf(Error);
  });

  test('a reader that is slow, but reads, gets everything', async () => {
    let rows = 0;
    for await (const chunk of exportCsv(endless(4000), {}, { stallMs: 1000 })) {
      await wait(5);
      rows += String(chunk).split('\r\n').length - 1;
    }
    expect(rows).toBe(4001);
  });

  test('a store that fails ends it with that error', async () => {
    const broken = { csvLines: () => Promise.reject(new Error('the record is damaged')) };
    await expect(text(exportCsv(broken, {}))).rejects.toThrow('the record is damaged');
  });

  test('a reader that goes away stops the fetching', async () => {
    const store = endless(1_000_000);
    const stream = exportCsv(store, {});
    await stream[Symbol.asyncIterator]().next();
    stream.destroy();
    const asked = store.asked.length;
    await wait(30);
    expect(store.asked.length).toBe(asked);
  });
});

test('the file name carries the date, in UTC or in the zone given', () => {
  const lateInNewYork = new Date('2026-04-19T02:30:00Z');
  expect(csvFileName(lateInNewYork)).toBe('acting-as-customer-audit-2026-04-19.csv');
  expect(csvFileName(lateInNewYork, 'America/New_York')).toBe('acting-as-customer-audit-2026-04-18.csv');
});

test('a reader that was closed starts no thread for who asks too late', async () => {
  const file = recordFile();
  const store = await openSqliteAuditStore({ file, clock: testClock() });
  await store.append(sampleEvent());
  await store.close();
  const reader = openSqliteAuditReader(file);
  await reader.csvLines({}, { limit: 1 });
  await reader.close();
  await expect(reader.csvLines({}, { limit: 1 })).rejects.toThrow('the record is closed');
});
