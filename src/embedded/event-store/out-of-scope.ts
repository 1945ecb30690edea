import {
  status,
  type ServiceDefinition,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { CallError } from './errors.ts';

interface FailingCall {
  on: (event: 'data', listener: () => void) => unknown;
  emit: (event: 'error', error: CallError) => unknown;
}

/** Every method of a service answers UNIMPLEMENTED and says what is missing. */
export function outOfScope(service: ServiceDefinition, what: string): UntypedServiceImplementation {
  const refusal = (): CallError =>
    new CallError(status.UNIMPLEMENTED, `${what} are not part of the embedded event store; use EventStoreDB for them.`);
  const refuse = (call: FailingCall, callback?: (error: CallError) => void): void => {
    if (callback === undefined) call.emit('error', refusal());
    else callback(refusal());
  };
  return Object.fromEntries(Object.keys(service).map((method) => [method, refuse as UntypedHandleCall]));
}
