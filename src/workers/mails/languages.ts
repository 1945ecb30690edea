import { de } from './de.ts';
import { en } from './en.ts';
import type { MailTexts } from './mail-texts.ts';

export type MailLanguage = 'en' | 'de';

/** By BCP 47 tag: a new language is a file beside this one, and its line here. */
export const mailLanguages: Readonly<Record<MailLanguage, MailTexts>> = { en, de };
