import { expect, test } from 'vitest';
import { localDayRange } from '../../audit-store/index.ts';

const HOUR = 3_600_000;

test.each([
  ['an ordinary day', '2026-04-18', 'America/New_York', '2026-04-18T04:00:00Z', 24],
  ['the day clocks go forward', '2026-03-08', 'America/New_York', '2026-03-08T05:00:00Z', 23],
  ['the day clocks go back', '2026-11-01', 'America/New_York', '2026-11-01T04:00:00Z', 25],
  ['a day in a zone far ahead', '2026-04-18', 'Pacific/Kiritimati', '2026-04-17T10:00:00Z', 24],
  ['a day in a zone of quarter hours', '2026-04-18', 'Asia/Kathmandu', '2026-04-17T18:15:00Z', 24],
  [
    'a day that begins at one o’clock (Santiago)',
    '2026-09-06',
    'America/Santiago',
    '2026-09-06T04:00:00Z',
    23,
  ],
  ['a day that begins at one o’clock (Beirut)', '2026-03-29', 'Asia/Beirut', '2026-03-28T22:00:00Z', 23],
  ['a day whose last hour comes twice', '2026-04-04', 'America/Santiago', '2026-04-04T03:00:00Z', 25],
  ['a day whose first hour comes twice', '2026-11-01', 'America/Havana', '2026-11-01T04:00:00Z', 25],
  ['half an hour of summer time', '2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00Z', 24.5],
  ['UTC', '2024-02-29', 'UTC', '2024-02-29T00:00:00Z', 24],
])('%s', (_title, day, zone, from, hours) => {
  const start = Date.parse(from);
  expect(localDayRange(day, zone)).toEqual({ ok: true, from: start, before: start + hours * HOUR });
});

test.each(['America/New_York', 'America/Santiago', 'Asia/Beirut', 'America/Havana', 'Africa/Cairo'])(
  'in %s each day of a year begins where the one before ends',
  (zone) => {
    const ranges = Array.from({ length: 365 }, (_, day) =>
      localDayRange(new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10), zone),
    ).filter((range) => range.ok);
    expect(ranges).toHaveLength(365);
    expect(ranges.slice(1).map(({ from }) => from)).toEqual(ranges.slice(0, -1).map(({ before }) => before));
  },
);

test.each([
  ['2026-02-29', 'UTC', 'invalid_date'],
  ['2026-13-01', 'UTC', 'invalid_date'],
  ['2026-4-18', 'UTC', 'invalid_date'],
  ['18.04.2026', 'UTC', 'invalid_date'],
  ['2026-W10-1', 'UTC', 'invalid_date'],
  ['2026-04-18T10:00', 'UTC', 'invalid_date'],
  ['', 'UTC', 'invalid_date'],
  ['2011-12-30', 'Pacific/Apia', 'invalid_date'],
  ['2026-04-18', 'Mars/Olympus', 'invalid_timezone'],
  ['2026-04-18', '', 'invalid_timezone'],
])('%j in %j is %s', (day, zone, reason) => {
  expect(localDayRange(day, zone)).toEqual({ ok: false, reason });
});
