import { performance } from 'node:perf_hooks';

const lookEveryMs = 100;

/** How the event loop does. */
export interface LoopLoad {
  /** Milliseconds by which a timer comes late, the newest look counting as much as all before. */
  readonly lateMs: number;
  /** Share of the time since the look before in which it had something to do. */
  readonly busy: number;
}

export type OnLoopLoad = (adapt: (load: LoopLoad) => void) => void;

/** Tells at a steady pace. */
export const onLoopLoad: OnLoopLoad = (adapt) => {
  let lateMs = 0;
  let expected = performance.now() + lookEveryMs;
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.now();
    lateMs = (lateMs + Math.max(0, now - expected)) / 2;
    expected = now + lookEveryMs;
    const since = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(since, before);
    before = since;
    adapt({ lateMs, busy: utilization });
  }, lookEveryMs).unref();
};
