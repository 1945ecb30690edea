const longest = 60;
const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const looksLikeLink = /:\/\/|www\.|@|[\p{L}\p{N}]\.\p{L}{2,}/iu;

/**
 * A name as a mail may show it, or `null` where it is left out. Anybody can register with anybody's address and any
 * name, so that a name is a way to write to strangers from our address: it stays on one line, short, and without links
 * (mail programs make links of anything that looks like one).
 */
export function shownName(name: string | null): string | null {
  const line = (name ?? '').replace(controls, ' ').replace(/\s+/g, ' ').trim();
  if (line === '' || looksLikeLink.test(line)) return null;
  const characters = Array.from(line);
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line;
}
