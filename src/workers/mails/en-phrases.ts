import { button, facts, type Block } from './content.ts';
import type { Happening } from './mail-texts.ts';

export const product = 'MBPanel';

export function greeting(name: string | null): string {
  return name === null ? 'Hello,' : `Hello ${name},`;
}

export function whenAndWhere({ at, device, place, ip }: Happening): Block {
  return facts(['When', moment(at)], ['Device', device], ['Place', place], ['Address', ip]);
}

export function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' });

export function moment(at: Date): string {
  return `${day.format(at)}, ${time.format(at)} UTC`;
}

/** What to do against somebody who knows the password. */
export function chooseNewPassword(forgotLink: string): Block {
  return button('Choose a new password', forgotLink);
}
