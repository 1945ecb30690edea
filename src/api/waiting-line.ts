export interface WaitingLine<Request> {
  readonly length: () => number;
  readonly join: (request: Request) => void;
  /** Who came last, of those who are still there: theirs is the answer that comes soonest after it was asked for. */
  readonly next: () => Request | undefined;
  /** Ends the wait of those who were there at the look before; everybody waits for two looks at most. */
  readonly look: () => readonly Request[];
}

export function waitingLine<Request>(isThere: (request: Request) => boolean): WaitingLine<Request> {
  let newer: Request[] = [];
  let older: Request[] = [];
  return {
    length: () => newer.length + older.length,
    join: (request) => newer.push(request),
    next() {
      for (;;) {
        const request = newer.pop() ?? older.pop();
        if (request === undefined || isThere(request)) return request;
      }
    },
    look() {
      const over = older.filter(isThere);
      older = newer;
      newer = [];
      return over;
    },
  };
}
