import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { eventStoreContract } from './event-store.contract.ts';

const memory = memoryEventStore({ clock: () => new Date(0) });

eventStoreContract(() => ({ eventStore: memory, subscribe: memory.subscribe }));
