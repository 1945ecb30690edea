/** Far more than any provider has to say, in bytes. */
const mostBytes = 1 << 20;

export interface WholeAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

/**
 * An answer with the whole of its body within `timeoutMs`, or an error and the end of the connection. The signal that
 * `fetch` is given does not suffice: once its request is garbage-collected nobody listens to it, and a body that stops or
 * drips would be waited for without end.
 */
export async function wholeAnswer(url: string, init: RequestInit, timeoutMs: number): Promise<WholeAnswer> {
  const limit = new AbortController();
  const { signal } = limit;
  const timer = setTimeout(() => {
    limit.abort(new Error(`No whole answer within ${String(timeoutMs)} ms.`));
  }, timeoutMs);
  try {
    const { ok, status, body } = await Promise.race([
      fetch(url, { ...init, redirect: 'error', signal }),
      aborted(signal),
    ]);
    return { ok, status, text: body === null ? '' : await textOf(body, signal) };
  } finally {
    clearTimeout(timer);
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });

async function textOf(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> {
  const reader = body.getReader();
  const giveUp = (reason: unknown) => reader.cancel(reason).catch(() => undefined);
  signal.addEventListener('abort', () => void giveUp(signal.reason));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    signal.throwIfAborted();
    if (done) return Buffer.concat(chunks).toString();
    length += value.length;
    if (length > mostBytes) {
      await giveUp(undefined);
      throw new Error(`An answer of more than ${String(mostBytes)} bytes.`);
    }
    chunks.push(value);
  }
}
