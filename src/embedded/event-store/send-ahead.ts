import { ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerInterceptor } from '@grpc/grpc-js';

/** Beyond this a slow reader is waited for. */
const aheadBytes = 64 * 1024;

/**
 * Lets messages of one call follow each other before the first has left: a call alone hands the next one over only
 * when the last is on the wire, so each would be a system call and a frame of its own, here and at the reader.
 */
export const sendAhead: ServerInterceptor = ({ requestStream, responseStream }, call) =>
  new ServerInterceptingCall(responseStream && !requestStream ? ahead(call) : call);

function ahead(call: ServerInterceptingCallInterface): ServerInterceptingCallInterface {
  let unsentBytes = 0;
  let waiting: (() => void) | undefined;
  return {
    start: (listener) => {
      call.start(listener);
    },
    sendMetadata: (metadata) => {
      call.sendMetadata(metadata);
    },
    sendMessage: (message, taken) => {
      const bytes = Buffer.isBuffer(message) ? message.length : 0;
      unsentBytes += bytes;
      call.sendMessage(message, () => {
        unsentBytes -= bytes;
        if (unsentBytes >= aheadBytes) return;
        const next = waiting;
        waiting = undefined;
        next?.();
      });
      if (unsentBytes < aheadBytes) taken();
      else waiting = taken;
    },
    sendStatus: (status) => {
      call.sendStatus(status);
    },
    startRead: () => {
      call.startRead();
    },
    getPeer: () => call.getPeer(),
    getDeadline: () => call.getDeadline(),
    getHost: () => call.getHost(),
    getAuthContext: () => call.getAuthContext(),
    getConnectionInfo: () => call.getConnectionInfo(),
    getMetricsRecorder: () => call.getMetricsRecorder(),
  };
}
