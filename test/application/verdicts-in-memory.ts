import { EventEmitter } from 'node:events';
import type { Verdicts } from '../../src/application/verdicts.ts';

/** As one process has it. */
export function verdictsInMemory(): Verdicts {
  const ears = new EventEmitter();
  return {
    announce: (loginId) => void ears.emit(loginId),
    listen: (loginId, heard) => {
      ears.on(loginId, heard);
      return () => void ears.off(loginId, heard);
    },
  };
}
