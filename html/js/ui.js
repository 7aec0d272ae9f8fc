// SPDX-License-Identifier: Apache-2.0
// Small things every page needs.

export const $ = (id) => document.getElementById(id);

/** Puts another picture of icons.svg on a button or badge. */
export function setIcon(element, name) {
  element.querySelector('use').setAttribute('href', `icons.svg#${name}`);
}

const TOAST_MS = 4_000;

/** Shown for a moment, and read out by screen readers (the container is aria-live). */
export function toast(text, kind = '') {
  const element = document.createElement('p');
  element.className = `toast ${kind}`;
  element.textContent = text;
  $('toasts').append(element);
  setTimeout(() => element.remove(), TOAST_MS);
}

export function showNote(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

/** The note of a failed connection; on https with the link that lets a person accept the certificate of that port. */
export function showConnectionError(element, error, certificateUrl) {
  showNote(element, error.kind === 'core' && error.code === 403 ? 'The gateway asks for an API secret this page does not have.' : error.message);
  if (error.kind !== 'connection' || !certificateUrl) return;
  const link = Object.assign(document.createElement('a'), { href: certificateUrl, target: '_blank', rel: 'noopener', textContent: certificateUrl });
  element.append(' If the certificate is self-signed, open ', link, ' once, accept it (any page there will do), and try again.');
}

export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join('') || '?';
}

/** The same name gets the same colour on every screen. */
export function hueOf(name) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) % 360;
  return hash;
}

export const remember = {
  get(key) {
    try { return localStorage.getItem(`cardea.${key}`) ?? ''; } catch { return ''; } // storage may be forbidden
  },
  set(key, value) {
    try { localStorage.setItem(`cardea.${key}`, value); } catch { /* then it is asked again next time */ }
  },
};
