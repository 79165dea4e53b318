// Remembers when things happen on a page, in milliseconds since the epoch. Put into every page
// before its own scripts. `marks` is read and emptied from outside; `firstFrame` is a promise.
window.marks = {};

const epoch = (moment) => performance.timeOrigin + moment;
let firstFrameShown;
window.firstFrame = new Promise((resolve) => (firstFrameShown = resolve));

// When the tap was made, not when a handler got to it.
addEventListener(
  'click',
  (event) => {
    const button = event.target.closest('button');
    if (button) window.marks[button.id] ??= epoch(event.timeStamp);
  },
  { capture: true },
);

addEventListener('DOMContentLoaded', () => {
  watchPicture(document.querySelector('video[aria-label="Live view of the car"]'));
  watchRing(document.getElementById('accept'));
});

/** The first frame that is painted where the customer can see it. */
function watchPicture(video) {
  if (!video) return;
  const seen = (_, { width, height }) => {
    if (video.checkVisibility()) firstFrameShown({ at: epoch(performance.now()), width, height });
    else video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
}

/** `ring`: the browser paints the page on which the button to accept can be tapped. */
function watchRing(accept) {
  if (!accept) return;
  const look = () => {
    if (!accept.checkVisibility() || window.marks.ring !== undefined) return;
    window.marks.ring = null;
    requestAnimationFrame(() => (window.marks.ring = epoch(performance.now())));
  };
  new MutationObserver(look).observe(document.body, { attributes: true, subtree: true });
}
