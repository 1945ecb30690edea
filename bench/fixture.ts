import type { Bench } from './bench.ts';
import { connections } from './bench.ts';
import type { Lane } from './load/job.ts';
import { peerVariables, startPeer, type Peer, type PeerPerson } from './peer.ts';
import { makePeople, variablesOf, type Person } from './people.ts';
import { newInstallation, startService, type Service } from './service.ts';

export interface Ours {
  readonly service: Service;
  readonly people: readonly Person[];
}

export interface Theirs {
  readonly peer: Peer;
  readonly people: readonly PeerPerson[];
}

/** The service with a person for each connection, whose hashes cost next to nothing. */
export const ours = (bench: Bench): Promise<Ours> => bench.once('ours', () => oursAnew(bench, 'bench'));

/** The same with people who have one session each, whatever was measured before. */
export async function oursAnew(bench: Bench, name: string): Promise<Ours> {
  const service = await startService(await newInstallation(bench.stores, name));
  bench.atEnd(service.stop);
  return { service, people: await makePeople(service, connections) };
}

/** The same of the peer. */
export const theirs = (bench: Bench): Promise<Theirs> =>
  bench.once('theirs', async () => {
    const peer = await startPeer(bench.stores, 4, 'peer');
    bench.atEnd(peer.stop);
    return { peer, people: await peer.people(connections) };
  });

/** A connection for each person. */
export const lanesOf = (people: readonly Person[]): Lane[] => people.map((person) => ({ sets: [variablesOf(person)] }));

export const peerLanes = (people: readonly PeerPerson[]): Lane[] =>
  people.map((person) => ({ sets: [peerVariables(person)] }));
