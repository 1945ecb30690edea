import type { CallError } from './errors.ts';
import { isCommittedAlone, type WriteCommand, type WriteResult } from './write-plan.ts';

export type WriteOutcome = WriteResult | { readonly kind: 'timeout' };

export interface PendingWrite {
  readonly command: WriteCommand;
  /** Not begun after this time. */
  readonly deadlineMs: number;
  readonly resolve: (result: WriteOutcome) => void;
  readonly reject: (error: CallError) => void;
}

/** What waits for the next commit, in the order of arrival. */
export interface WriteQueue {
  push: (pending: PendingWrite) => void;
  /** Takes what goes into one commit; what is too late is answered and left out. */
  takeGroup: (nowMs: number) => PendingWrite[];
  putBack: (pending: readonly PendingWrite[]) => void;
  rejectAll: (error: CallError) => void;
  isEmpty: () => boolean;
  bytes: () => number;
}

const maxGroupEvents = 2000;
const maxGroupBytes = 4 * 1024 * 1024;
const commandOverheadBytes = 100;

export function createWriteQueue(): WriteQueue {
  let queue: PendingWrite[] = [];
  let bytes = 0;
  const dropLate = (nowMs: number): void => {
    const late = queue.filter(({ deadlineMs }) => deadlineMs <= nowMs);
    if (late.length === 0) return;
    queue = queue.filter(({ deadlineMs }) => deadlineMs > nowMs);
    bytes -= total(late);
    for (const { resolve } of late) resolve({ kind: 'timeout' });
  };
  return {
    isEmpty: () => queue.length === 0,
    bytes: () => bytes,
    push: (pending) => {
      queue.push(pending);
      bytes += sizeOf(pending);
    },
    takeGroup: (nowMs) => {
      dropLate(nowMs);
      const group = queue.splice(0, groupLength(queue));
      bytes -= total(group);
      return group;
    },
    putBack: (pending) => {
      queue.unshift(...pending);
      bytes += total(pending);
    },
    rejectAll: (error) => {
      const rejected = queue;
      queue = [];
      bytes = 0;
      for (const { reject } of rejected) reject(error);
    },
  };
}

/** How many from the front go into one commit: at least one, and nothing else beside a command that goes alone. */
function groupLength(queue: readonly PendingWrite[]): number {
  const [first] = queue;
  if (first === undefined || isCommittedAlone(first.command)) return first === undefined ? 0 : 1;
  let events = 0;
  let bytes = 0;
  const end = queue.findIndex((pending, index) => {
    events += pending.command.events.length;
    bytes += sizeOf(pending);
    if (index === 0) return false;
    return isCommittedAlone(pending.command) || events > maxGroupEvents || bytes > maxGroupBytes;
  });
  return end < 0 ? queue.length : end;
}

function total(pending: readonly PendingWrite[]): number {
  return pending.reduce((sum, one) => sum + sizeOf(one), 0);
}

function sizeOf({ command }: PendingWrite): number {
  return command.events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, commandOverheadBytes);
}
