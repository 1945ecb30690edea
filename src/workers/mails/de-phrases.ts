import { button, facts, type Block } from './content.ts';
import type { Happening } from './mail-texts.ts';

export const product = 'MBPanel';

export function greeting(name: string | null): string {
  return name === null ? 'Guten Tag,' : `Guten Tag ${name},`;
}

/** Devices are named “Firefox on Linux”, of words that stay as they are but for the one between. */
export function whenAndWhere({ at, device, place, ip }: Happening): Block {
  const german = device?.replace(' on ', ' unter ') ?? null;
  return facts(['Wann', moment(at)], ['Gerät', german], ['Ort', place], ['Adresse', ip]);
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

const day = new Intl.DateTimeFormat('de-DE', { dateStyle: 'full', timeZone: 'UTC' });
const time = new Intl.DateTimeFormat('de-DE', { timeStyle: 'short', timeZone: 'UTC' });

export function moment(at: Date): string {
  return `${day.format(at)}, ${time.format(at)} UTC`;
}

/** What to do against somebody who knows the password. */
export function chooseNewPassword(forgotLink: string): Block {
  return button('Neues Passwort wählen', forgotLink);
}
