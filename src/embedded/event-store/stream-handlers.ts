import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type {
  AppendReq,
  AppendResp,
  DeleteReq,
  DeleteResp,
  ReadReq,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type {
  Metadata,
  sendUnaryData,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { answerAppend } from './append-call.ts';
import { answerBatchAppend, type BatchAppendCall } from './batch-append-call.ts';
import { answerDelete, answerTombstone } from './delete-calls.ts';
import { asCallError, unavailable } from './errors.ts';
import { outgoing, type Outgoing } from './outgoing.ts';
import type { ReadContext } from './pages.ts';
import { parseReadRequest } from './read-request.ts';
import { answerRead } from './reads.ts';
import { answerSubscription } from './subscriptions.ts';
import type { Writer } from './writer.ts';

/** How to end each call that would otherwise stay open. */
export type OpenCalls = Set<() => void>;

export interface StreamDependencies {
  readonly writer: Writer;
  readonly reads: ReadContext;
  readonly openCalls: OpenCalls;
  /** Throws a refusal when the caller may not call. */
  readonly check: (metadata: Metadata) => void;
}

/** The service of reading and writing; its reads send messages that are already encoded. */
export function streamHandlers(dependencies: StreamDependencies): [ServiceDefinition, UntypedServiceImplementation] {
  const { writer, reads, openCalls, check } = dependencies;
  const encodedRead = { ...StreamsService.read, responseSerialize: (message: Buffer) => message };
  return [
    { ...StreamsService, read: encodedRead },
    {
      read: (call: ServerWritableStream<ReadReq, Buffer>) => {
        const out = outgoing(call);
        answer(call, out, dependencies).catch((error: unknown) => {
          out.fail(error);
        });
      },
      append: (call: ServerReadableStream<AppendReq, AppendResp>, callback: sendUnaryData<AppendResp>) => {
        if (admits(call.metadata, check, callback)) answerAppend(writer, call, callback);
      },
      batchAppend: (call: BatchAppendCall) => {
        const refuse = (error: unknown): void => void call.emit('error', asCallError(error));
        if (!admits(call.metadata, check, refuse)) return;
        const end = answerBatchAppend(writer, reads.now, call);
        openCalls.add(end);
        for (const event of ['cancelled', 'close', 'finish']) call.on(event, () => openCalls.delete(end));
      },
      delete: unary(check, (request: DeleteReq): Promise<DeleteResp> => answerDelete(writer, request)),
      tombstone: unary(check, (request: TombstoneReq): Promise<TombstoneResp> => answerTombstone(writer, request)),
    },
  ];
}

async function answer(
  call: ServerWritableStream<ReadReq, Buffer>,
  out: Outgoing,
  { reads, openCalls, check }: StreamDependencies,
): Promise<void> {
  check(call.metadata);
  const request = parseReadRequest(call.request);
  const end = (): void => {
    out.fail(unavailable('Server Is Shutting Down'));
  };
  openCalls.add(end);
  out.onClose(() => openCalls.delete(end));
  if ('count' in request.reading) await answerRead(request, request.reading.count, reads, out);
  else await answerSubscription(request, request.reading.checkpointInterval, reads, out);
}

function unary<Request, Response>(
  check: (metadata: Metadata) => void,
  respond: (request: Request) => Promise<Response>,
): (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => void {
  return (call, callback) => {
    if (!admits(call.metadata, check, callback)) return;
    respond(call.request).then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        callback(asCallError(error));
      },
    );
  };
}

function admits(
  metadata: Metadata,
  check: (metadata: Metadata) => void,
  refuse: (error: ReturnType<typeof asCallError>) => void,
): boolean {
  try {
    check(metadata);
    return true;
  } catch (error) {
    refuse(asCallError(error));
    return false;
  }
}
