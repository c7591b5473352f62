/** What is scraped is what is so at that moment: counts as they were added up, gauges as they are read. */
import { expect, it } from 'vitest';
import { createMetrics } from '../../gateway/metrics.ts';

it('adds requests up by seat and reads the gauges when asked', async () => {
  let live = 0;
  let stale = false;
  const metrics = createMetrics(
    () => live,
    () => !stale,
    () => 7,
    () => true,
    () => ({ loadedAt: 5_000, lastFailure: stale ? { at: 0, report: '' } : null }),
  );
  metrics.request('acting');
  metrics.request('acting');
  metrics.refused('blocked');
  metrics.decided('block');
  const first = await metrics.registry.metrics();
  for (const line of [
    'understudy_requests_total{seat="acting"} 2',
    'understudy_requests_total{seat="ordinary"} 0',
    'understudy_refusals_total{code="blocked"} 1',
    'understudy_decisions_total{effect="block"} 1',
    'understudy_sessions_live 0',
    'understudy_record_healthy 1',
    'understudy_decisions_dropped 7',
    'understudy_policy_loaded_timestamp_seconds 5',
    'understudy_policy_stale 0',
  ])
    expect(first.split('\n')).toContain(line);
  live = 3;
  stale = true;
  metrics.request('acting');
  const second = await metrics.registry.metrics();
  for (const line of [
    'understudy_requests_total{seat="acting"} 3',
    'understudy_sessions_live 3',
    'understudy_record_healthy 0',
    'understudy_policy_stale 1',
  ])
    expect(second.split('\n')).toContain(line);
});
