// @ts-check
/** The menu of languages closes when somebody turns to anything else, and by Escape. */
for (const menu of document.querySelectorAll('details')) {
  if (!menu.closest('.languages')) continue;
  const leave = (/** @type {Event} */ event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  };
  document.addEventListener('pointerdown', leave);
  document.addEventListener('focusin', leave);
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector('summary')?.focus();
  });
}
