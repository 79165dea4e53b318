// @ts-check
/** The choice of a showroom, for staff who work in more than one. */
import { byId, show } from './dom.js';

/** @param {{showroom: string, showrooms: {slug: string, name: string}[]}} config */
export function setUpShowrooms(config) {
  const select = byId('showroom', HTMLSelectElement);
  const several = config.showrooms.length > 1;
  show(select, several);
  show(byId('showroom-name'), !several);
  for (const { slug, name } of config.showrooms) {
    select.add(new Option(name, slug, false, slug === config.showroom));
  }
  select.addEventListener('change', () => {
    location.search = new URLSearchParams({ showroom: select.value }).toString();
  });
}
