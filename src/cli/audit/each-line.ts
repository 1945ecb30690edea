import { WrongLine } from '../../domain/audit-proof/verify-export.ts';

const newline = 10;
/** An append holds a megabyte at most; its readable form and its proof add to that. */
const longestLine = 16 * 1024 * 1024;

/** Line by line without the newline, in flat memory. Throws `WrongLine` where a line has no end. */
export async function eachLine(chunks: AsyncIterable<Buffer>, onLine: (line: Buffer) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const part = chunk.subarray(start, end);
      number += 1;
      onLine(rest.length > 0 ? Buffer.concat([rest, part]) : part);
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length > longestLine) throw new WrongLine(number + 1, 'it is too long to be a line of an export');
  }
  if (rest.length > 0) throw new WrongLine(number + 1, 'it does not end');
}
