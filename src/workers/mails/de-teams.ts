import { facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './de-phrases.ts';
import type { TeamTexts } from './mail-texts.ts';

const named = (team: string | null) => (team === null ? '' : ` „${team}“`);
const somebody = (name: string | null) => name ?? 'Jemand';

export const teamTexts: TeamTexts = {
  memberRemoved: ({ name, team, by, at }) => ({
    subject: `Sie sind nicht mehr im Team${named(team)} bei ${product}`,
    preview: `${somebody(by)} hat Sie daraus entfernt.`,
    blocks: [
      heading('Sie wurden aus einem Team entfernt'),
      paragraph(greeting(name)),
      paragraph(
        `${somebody(by)} hat Sie aus dem Team${named(team)} entfernt. Woran es arbeitet, ist Ihnen nicht mehr zugänglich. Ihr Konto und Ihre anderen Teams bleiben, wie sie sind.`,
      ),
      facts(['Team', team], ['Wann', moment(at)]),
      paragraph('Wenn Sie das für ein Versehen halten, bitten Sie die Leute des Teams um eine neue Einladung.'),
    ],
    reason: `Sie Mitglied eines Teams bei ${product} waren.`,
  }),

  teamClosed: ({ name, team, by, at }) => ({
    subject: `${team === null ? 'Ein Team' : `Das Team „${team}“`} bei ${product} wurde geschlossen`,
    preview: `${somebody(by)} hat es geschlossen.`,
    blocks: [
      heading('Ein Team wurde geschlossen'),
      paragraph(greeting(name)),
      paragraph(
        `${somebody(by)} hat das Team${named(team)} geschlossen, in dem Sie Mitglied waren. Niemand kann mehr darin arbeiten; seine Geschichte bleibt aufgezeichnet. Ihr Konto und Ihre anderen Teams bleiben, wie sie sind.`,
      ),
      facts(['Team', team], ['Wann', moment(at)]),
    ],
    reason: `Sie Mitglied eines Teams bei ${product} waren.`,
  }),

  ownershipTransferred: ({ name, team, isNewOwner, other, roleAfter, at }) => ({
    subject: isNewOwner
      ? `Ihnen gehört jetzt das Team${named(team)} bei ${product}`
      : `Sie haben das Team${named(team)} bei ${product} übergeben`,
    preview: isNewOwner ? `${somebody(other)} hat es Ihnen übergeben.` : 'Es hat jetzt jemand anderen als Owner.',
    blocks: [
      heading(isNewOwner ? 'Sie sind Owner eines Teams' : 'Sie haben ein Team übergeben'),
      paragraph(greeting(name)),
      paragraph(
        isNewOwner
          ? `${somebody(other)} hat Sie zum Owner des Teams${named(team)} gemacht. Von jetzt an dürfen Sie darin alles, auch es schließen oder weitergeben.`
          : `${other ?? 'Ein anderes Mitglied'} ist jetzt an Ihrer Stelle Owner des Teams${named(team)}.${roleAfter === null ? '' : ` Sie bleiben Mitglied, als ${roleAfter}.`}`,
      ),
      facts(['Team', team], ['Wann', moment(at)]),
      paragraph(
        isNewOwner
          ? 'Wenn Sie das nicht erwartet haben, fragen Sie die Person, die es getan hat.'
          : 'Wenn Sie das nicht waren, ist jemand in Ihrem Konto: Wählen Sie ein neues Passwort, und sagen Sie es dem neuen Owner.',
      ),
    ],
    reason: `ein Team von Ihnen bei ${product} einen anderen Owner hat.`,
  }),

  roleChanged: ({ name, team, from, to, isRetired, by, at }) => ({
    subject: `Sie haben eine andere Rolle im Team${named(team)} bei ${product}`,
    preview: to === null ? 'Ihre Rolle hat sich geändert.' : `Ihre Rolle ist jetzt ${to}.`,
    blocks: [
      heading('Ihre Rolle hat sich geändert'),
      paragraph(greeting(name)),
      paragraph(
        isRetired
          ? `${somebody(by)} hat die Rolle abgeschafft, die Sie im Team${named(team)} hatten, und Ihnen eine andere gegeben.`
          : `${somebody(by)} hat Ihnen eine andere Rolle im Team${named(team)} gegeben.`,
      ),
      facts(['Team', team], ['Rolle bisher', from], ['Rolle von jetzt an', to], ['Wann', moment(at)]),
      paragraph('Ihre Rechte im Team ändern sich damit sofort.'),
    ],
    reason: `Sie Mitglied eines Teams bei ${product} sind.`,
  }),
};
