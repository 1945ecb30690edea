import type { ProofQueries } from '../../src/projections/proof/queries.ts';
import { at, id } from './fake-ids.ts';

const hash = Buffer.alloc(32, 1).toString('base64');
const checkpoint = {
  size: 3,
  rootHash: hash,
  note: `log.example.org\n3\n${hash}\n\n— log.example.org c2lnbg==\n`,
  signedAt: at,
};

export const fakeProofs: ProofQueries = {
  keys: () => Promise.resolve('log.example.org+00000000+AQ==\n'),
  checkpoints: () => Promise.resolve({ items: [checkpoint] }),
  latest: () => Promise.resolve(checkpoint),
  inclusion: () =>
    Promise.resolve({
      eventId: id(9),
      index: 1,
      stored: '',
      leafHash: hash,
      proof: [hash],
      checkpoint: checkpoint.note,
    }),
  consistency: (from, to) => Promise.resolve({ from, to, fromRoot: hash, toRoot: hash, proof: [hash] }),
  export: () => Promise.resolve(lines()),
};

async function* lines() {
  yield await Promise.resolve('{"format":"mbauth-audit-export/1"}\n');
}
