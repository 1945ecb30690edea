/** What lines are written to in the end: what pino makes of a file descriptor. */
interface Destination {
  write(text: string): unknown;
  flushSync(): void;
}

export interface LogLines {
  write(line: string): void;
  /** Everything, at once: what is logged last is why a process ends. */
  flushSync(): void;
}

/** Characters, and milliseconds that a line waits for others. */
const enough = 16_384;
const waitMs = 50;

/**
 * Lines go out together: a write for each would cost as much as a session check. They are joined once, when they go;
 * the destination's own buffer measures all of it again with each line.
 */
export function logLines(destination: Destination): LogLines {
  let lines: string[] = [];
  let length = 0;
  let timer: NodeJS.Timeout | undefined;

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    if (length === 0) return;
    const text = lines.join('');
    lines = [];
    length = 0;
    destination.write(text);
  }

  return {
    write(line) {
      lines.push(line);
      length += line.length;
      if (length >= enough) send();
      else timer ??= setTimeout(send, waitMs).unref();
    },
    flushSync() {
      send();
      destination.flushSync();
    },
  };
}
