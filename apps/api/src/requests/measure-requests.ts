import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '#http';
import type { RequestBuffer } from './request-buffer.ts';

/** Tells `metrics` how many request records are held, written and lost. */
export function measureRequests(metrics: Metrics, requests: Pick<RequestBuffer, 'counts'>): void {
  const registers = [metrics];
  new Gauge({
    name: 'keystile_request_records_held',
    help: 'Request records in memory that are not written yet',
    registers,
    collect() {
      this.set(requests.counts().held);
    },
  });
  for (const [outcome, help] of [
    ['written', 'Request records that PostgreSQL has taken'],
    ['dropped', 'Request records that were lost, because PostgreSQL was slow or away for too long'],
  ] as const) {
    new Counter({
      name: `keystile_request_records_${outcome}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(requests.counts()[outcome]);
      },
    });
  }
}
