import type { RequestListener } from 'node:http';
import type { ApiDependencies } from './dependencies.ts';
import { problemAnswer } from './answer.ts';
import { commonHeaders } from './around.ts';
import { describeProblem } from './problem-details.ts';
import { RequestProblem } from './problems.ts';

const logEveryMs = 1000;
/** Stands where the id of a request goes, in what is written once. */
const someId = '<id>';

type Dependencies = Pick<ApiDependencies, 'publicUrl' | 'newId' | 'logger' | 'observeRequest'>;

/**
 * Tells what is too much to come back, in the shape of any other problem. Every microsecond of it is taken from what is
 * still served, so all but the id is written beforehand, and the log has one line a second instead of one for each.
 */
export function refusal(deps: Dependencies): RequestListener {
  const { newId, observeRequest } = deps;
  const problem = new RequestProblem('overloaded', { headers: { 'Retry-After': '1' } });
  const { status, headers, body } = problemAnswer(describeProblem(problem, someId));
  const [before = '', after = ''] = body.split(someId);
  const all = { ...commonHeaders(deps)({ requestId: someId }), ...headers };
  const length = (requestId: string) => String(Buffer.byteLength(before + after) + requestId.length);
  const lines = Object.entries(all)
    .filter(([, value]) => value !== someId)
    .flat();
  const count = counted(deps.logger);

  return ({ method = '' }, response) => {
    const requestId = newId();
    // The client may have gone; an error on the way there would otherwise end the process.
    response.on('error', ignored);
    response.writeHead(status, [...lines, 'X-Request-Id', requestId, 'Content-Length', length(requestId)]);
    response.end(before + requestId + after);
    observeRequest({ method, route: 'overloaded', status, seconds: 0 });
    count();
  };
}

const ignored = (): void => undefined;

function counted(logger: ApiDependencies['logger']): () => void {
  let requests = 0;
  return () => {
    requests += 1;
    if (requests > 1) return;
    setTimeout(() => {
      logger.error({ requests, status: 503, route: 'overloaded' }, 'requests refused');
      requests = 0;
    }, logEveryMs).unref();
  };
}
