import { status, type handleUnaryCall, type ServiceDefinition } from '@grpc/grpc-js';
import { CallError } from './errors.ts';

/** grpc.health.v1.Health, by hand: the request is ignored but for its syntax, the answer is one enumeration. */
const serving = Buffer.from([0x08, 1]);
const notServing = Buffer.from([0x08, 2]);

const bytes = (message: Buffer): Buffer => message;

export const healthService = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  },
} satisfies ServiceDefinition;

/** Serving means that an append would be answered; this also covers the services named in the request. */
export function answerHealth(isAvailable: () => Promise<boolean>): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    if (call.request.length > 1000) {
      callback(new CallError(status.NOT_FOUND, 'There is no such service.'));
      return;
    }
    isAvailable().then(
      (available) => {
        callback(null, available ? serving : notServing);
      },
      () => {
        callback(null, notServing);
      },
    );
  };
}
