import type { RequestListener } from 'node:http';
import type { ApiDependencies } from './dependencies.ts';
import { problemAnswer } from './answer.ts';
import { commonHeaders } from './around.ts';
import { describeProblem } from './problem-details.ts';
import { RequestProblem } from './problems.ts';

const tellEveryMs = 1000;
/** As long as each id, in whose place it stands in what is written once. */
const someId = '00000000-0000-7000-8000-000000000000';

type Dependencies = Pick<ApiDependencies, 'publicUrl' | 'newId' | 'logger' | 'admission'>;

/**
 * Tells what is too much to come back, in the shape of any other problem. Every microsecond of it is taken from what is
 * still served, so all but the id is written beforehand, and the log and the metrics are told once a second.
 */
export function refusal(deps: Dependencies): RequestListener {
  const problem = new RequestProblem('overloaded', { headers: { 'Retry-After': '1' } });
  const { status, headers, body } = problemAnswer(describeProblem(problem, someId));
  const [before = '', after = ''] = body.split(someId);
  const all = { ...headers, 'Content-Length': String(body.length), ...commonHeaders(deps)({ requestId: someId }) };
  const lines = Object.entries(all).flat();
  const placeOfId = lines.indexOf(someId);
  const count = counted(deps);

  return ({ method = '' }, response) => {
    const requestId = deps.newId();
    lines[placeOfId] = requestId;
    // The client may have gone; an error on the way there would otherwise end the process.
    response.on('error', ignored);
    response.writeHead(status, lines);
    // It is all ASCII, and this way not looked at again.
    response.end(before + requestId + after, 'latin1');
    count(method);
  };

  function counted({ logger, admission }: Dependencies): (method: string) => void {
    const times = new Map<string, number>();
    const tell = (): void => {
      let requests = 0;
      for (const [method, count] of times) {
        admission.refused({ method, route: 'overloaded', status, seconds: 0 }, count);
        requests += count;
      }
      times.clear();
      logger.error({ requests, status, route: 'overloaded' }, 'requests refused');
    };
    return (method) => {
      if (times.size === 0) setTimeout(tell, tellEveryMs).unref();
      times.set(method, (times.get(method) ?? 0) + 1);
    };
  }
}

const ignored = (): void => undefined;
