/* vCards for tests. */

export const vcard = (uid, name = 'Simon', ...more) =>
  `${['BEGIN:VCARD', 'VERSION:4.0', `FN:${name}`, `UID:${uid}`, ...more, 'END:VCARD'].join('\r\n')}\r\n`;
