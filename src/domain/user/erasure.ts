import { DomainError } from '../errors.ts';
import type { UserEvent } from './events.ts';
import type { UserState } from './state.ts';

/** On record before anything is done; also where the erasure is then refused. */
interface RequestErasure {
  type: 'RequestErasure';
  userId: string;
  now: Date;
}

/** `email`: where the last mail goes. It is sealed under a key of its own, which is destroyed once that mail has left. */
interface EraseUser {
  type: 'EraseUser';
  userId: string;
  receiptId: string;
  email: string | null;
  now: Date;
}

export type ErasureCommand = RequestErasure | EraseUser;

const types: readonly string[] = ['RequestErasure', 'EraseUser'] satisfies ErasureCommand['type'][];

export function isErasureCommand(command: { readonly type: string }): command is ErasureCommand {
  return types.includes(command.type);
}

/** Nothing where the person is erased already: the first receipt is the one that counts. */
export function decideErasure(command: ErasureCommand, state: UserState): readonly UserEvent[] {
  if (state.status === 'erased') return [];
  if (state.status !== 'active') throw new DomainError('not-found');
  const { userId, now } = command;
  const at = now.toISOString();
  if (command.type === 'RequestErasure') return [{ type: 'ErasureRequested', data: { userId, at } }];
  const { receiptId, email } = command;
  return [{ type: 'UserErased', data: { userId, emailHash: state.emailHash, receiptId, email, at } }];
}
