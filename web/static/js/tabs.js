// @ts-check
/** On a phone the manager's pages move under the thumb: the one that is shown comes into sight. */
for (const one of document.querySelectorAll('.tabs [aria-current]')) {
  one.scrollIntoView({ block: 'nearest', inline: 'center' });
}
