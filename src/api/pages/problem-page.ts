import type { Problem } from '../problem-details.ts';
import type { ProblemCode } from '../problems.ts';
import { html, type Html } from './html.ts';
import { page } from './layout.ts';

export interface Explanation {
  readonly title: string;
  readonly text: string | Html;
}

export type Explanations = Readonly<Partial<Record<ProblemCode, Explanation>>>;

/** For a link that was cut off on its way, or made up. */
export const linkBroken: Explanation = {
  title: 'This link does not work',
  text: 'It is not complete, or it is not one of ours. Open the link in the e-mail again, or copy all of it.',
};

const notOurPage: Explanation = {
  title: 'This did not come from our page',
  text: 'Open the link in the e-mail, and press the button there.',
};

const tryAgain: Explanation = {
  title: 'That did not work just now',
  text: 'Something on our side is busy or away. Go back and press the button again in a moment; your link is still good.',
};

/** What went wrong in the words of the page that it happened on, and what to do next. */
export function problemPages(explanations: Explanations): (problem: Problem) => string {
  const known: Explanations = { 'cross-site-request': notOurPage, ...explanations };
  return (problem) => explainedPage(problem, known[codeOf(problem)] ?? tryAgain);
}

export function explainedPage({ requestId }: Problem, { title, text }: Explanation): string {
  return page(
    title,
    html`${typeof text === 'string' ? html`<p>${text}</p>` : text}
      <p class="small">If you ask for help, name this request: ${requestId}</p>`,
  );
}

const codeOf = ({ type }: Problem): ProblemCode => type.replace('urn:problem:', '') as ProblemCode;
