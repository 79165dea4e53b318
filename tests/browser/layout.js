// What somebody who reads the page would stumble over: text that is cut off, that runs out of its
// box or off the screen, or that lies on other text. It returns a sentence for each such place.
(() => {
  /** How far glyphs may reach over an edge, in pixels. */
  const SLACK = 2;
  /** Of a line's box this much, above and below, is empty in most lines. */
  const AIR = 0.25;

  const quote = (text) => `“${text.trim().replace(/\s+/g, ' ').slice(0, 60)}”`;
  const where = (one) =>
    one.tagName.toLowerCase() + (one.id && `#${one.id}`) +
    [...one.classList].map((name) => `.${name}`).join('');

  /** The open dialog that is above everything else, or the page. */
  const ground = () => [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body;

  /** Whether only screen readers, or nobody, gets this. */
  function apart(one) {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return true;
    const folded = one.closest('details:not([open])');
    if (folded && !folded.querySelector('summary')?.contains(one)) return true;
    for (let up = one; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.clipPath !== 'none' && up.clientWidth < 2) return true;
      if (up.matches('.skip, option, noscript, template, [data-carried]')) return true;
    }
    return false;
  }

  /** The box that stands around it and gives its lines their width. */
  function boxOf(one) {
    let up = one;
    while (/^(inline|contents)$/.test(getComputedStyle(up).display) && up.parentElement) {
      up = up.parentElement;
    }
    return up;
  }

  const shortens = (style) => style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';

  /** What each piece of text stands in: what scrolls or stays where it is moves apart from the rest. */
  function layerOf(one) {
    for (let up = one; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (/fixed|sticky/.test(style.position)) return up;
      if (up.tagName === 'DIALOG') return up;
    }
    return null;
  }

  /** The part of a line that stands in a box. */
  function within(rect, edge) {
    const [left, right] = [Math.max(rect.left, edge.left), Math.min(rect.right, edge.right)];
    const [top, bottom] = [Math.max(rect.top, edge.top), Math.min(rect.bottom, edge.bottom)];
    return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  }

  /** Why a line of text can't be read, or nothing. */
  function fault(rect, parent) {
    const box = boxOf(parent);
    for (let up = parent; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (/auto|scroll/.test(style.overflowX)) return '';
      const edge = up.getBoundingClientRect();
      if (up === box && !(up instanceof SVGElement) && !shortens(style)) {
        if (rect.left < edge.left - SLACK || rect.right > edge.right + SLACK) return 'runs out of';
      }
      if (style.display === 'inline' || up instanceof SVGElement || up === document.body) continue;
      if (/hidden|clip/.test(style.overflowX) && !shortens(style)) {
        if (rect.left < edge.left - SLACK || rect.right > edge.right + SLACK) return 'is cut off by';
        if (/hidden|clip/.test(style.overflowY)) {
          const air = AIR * rect.height;
          const over = rect.top + air < edge.top - SLACK || rect.bottom - air > edge.bottom + SLACK;
          if (over && rect.top < edge.bottom) return 'is cut off by';
        }
      }
      // What it leaves of the line can be cut off further out.
      if (shortens(style)) rect = within(rect, edge);
    }
    if (rect.left < -SLACK || rect.right > innerWidth + SLACK) return 'lies off the screen, in';
    return '';
  }

  /** Every line of visible text. */
  function lines() {
    const found = [];
    const walker = document.createTreeWalker(ground(), NodeFilter.SHOW_TEXT);
    const known = new Map();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || !parent || parent.matches('script, style')) continue;
      if (!known.has(parent)) known.set(parent, apart(parent));
      if (known.get(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        if (rect.width > 1 && rect.height > 1) found.push({ node, parent, rect });
      }
    }
    return found;
  }

  /** The small pictures that lie over others: they may lie on no text. */
  function pictures() {
    const shown = [...ground().querySelectorAll('.self-view')].filter((one) => !apart(one));
    return shown.map((one) => ({
      node: { data: where(one) },
      parent: one,
      rect: one.getBoundingClientRect(),
      air: 0,
    }));
  }

  /** The part of a line that can be seen within what scrolls around it. */
  function seen({ parent, rect, air = AIR }) {
    let { left, right } = rect;
    let [top, bottom] = [rect.top + air * rect.height, rect.bottom - air * rect.height];
    for (let up = parent; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.display === 'inline' || style.overflowX === 'visible') continue;
      const edge = up.getBoundingClientRect();
      [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    return { left, right, top, bottom };
  }

  function faults() {
    const found = new Set();
    const all = lines();
    for (const { node, parent, rect } of all) {
      const why = fault(rect, parent);
      if (why) found.add(`${quote(node.data)} ${why} ${where(boxOf(parent))}`);
    }
    const places = all
      .concat(pictures())
      .map((one) => ({ ...one, ...seen(one), layer: layerOf(one.parent) }))
      .filter((one) => one.right - one.left > SLACK && one.bottom - one.top > 0)
      .sort((a, b) => a.top - b.top);
    places.forEach((one, n) => {
      for (let m = n + 1; m < places.length && places[m].top < one.bottom - SLACK; m++) {
        const other = places[m];
        if (other.node === one.node || other.layer !== one.layer) continue;
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - other.top;
        if (across > SLACK && down > SLACK) {
          found.add(`${quote(one.node.data)} and ${quote(other.node.data)} lie on each other`);
        }
      }
    });
    for (const one of ground().querySelectorAll('button, a, input, select, textarea, img, video')) {
      const box = one.getBoundingClientRect();
      if (box.width < 2 || (box.left >= -SLACK && box.right <= innerWidth + SLACK)) continue;
      let frame = one.parentElement;
      while (frame && getComputedStyle(frame).overflowX === 'visible') frame = frame.parentElement;
      if (frame && frame !== document.body) continue;
      if (!apart(one)) found.add(`${where(one)} lies off the screen`);
    }
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.add(`the page scrolls sideways to ${scrollWidth}`);
    return [...found];
  }

  return faults();
})()
