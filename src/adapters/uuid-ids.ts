import { v7 } from 'uuid';

import type { NewId } from '../application/ports.ts';

/** Rising within one process, also within a millisecond. */
export const newId: NewId = () => v7();
