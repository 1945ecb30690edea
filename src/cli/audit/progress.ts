import { Presets, SingleBar } from 'cli-progress';

export type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Who waits for less needs to see nothing. */
const silentMs = 1000;

export interface Progress {
  /** The same chunks; what has been taken of them is shown. */
  through(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  stop(): void;
}

/** A bar on a terminal for so many bytes, and nothing anywhere else. `now` in milliseconds. */
export function progressOf(out: Terminal, bytes: number, now: () => number = () => performance.now()): Progress {
  const startedAt = now();
  let bar: SingleBar | undefined;
  const show = (read: number) => {
    if (!out.isTTY || now() - startedAt < silentMs) return;
    if (bar === undefined) {
      bar = new SingleBar(
        { stream: out, format: '{bar} {percentage}%', clearOnComplete: true },
        Presets.shades_classic,
      );
      bar.start(bytes, read);
    } else bar.update(read);
  };
  return {
    async *through(chunks) {
      let read = 0;
      for await (const chunk of chunks) {
        yield chunk;
        read += chunk.length;
        show(read);
      }
    },
    stop: () => bar?.stop(),
  };
}
