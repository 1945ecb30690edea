import { setFlagsFromString } from 'node:v8';

/**
 * Most of what is allocated is gone a moment later: the heap stays small if garbage is collected early. For the whole
 * process, from now on.
 */
export function staySmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
}
