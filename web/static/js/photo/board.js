// @ts-check
/** Puts the strokes of both sides over a photo. */

/** By side, with a dark edge: they must show on every paint. */
const COLOURS = /** @type {Record<import('../wire').Side, string>} */ ({
  customer: '#ffffff',
  advisor: '#ffc95e',
});
const EDGE = 'rgb(0 0 0 / 0.6)';
const WIDTH = 4;

/**
 * Draw all strokes anew on a canvas that covers the photo's box.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {import('./ink.js').Stroke[]} strokes
 * @param {{left: number, top: number, width: number, height: number}} area the photo's, in CSS pixels
 */
export function drawStrokes(canvas, strokes, area) {
  const context = fitted(canvas);
  if (!context) return;
  for (const { by, points } of strokes) {
    const path = pathOf(points, area);
    for (const [colour, width] of /** @type {[string, number][]} */ ([
      [EDGE, WIDTH + 3],
      [COLOURS[by], WIDTH],
    ])) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(path);
    }
  }
}

/** The canvas's context, emptied, in CSS pixels. @param {HTMLCanvasElement} canvas */
function fitted(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const dense = Math.min(devicePixelRatio || 1, 2);
  const context = canvas.getContext('2d');
  if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
  }
  context?.setTransform(dense, 0, 0, dense, 0, 0);
  context?.clearRect(0, 0, width, height);
  if (context) context.lineCap = context.lineJoin = 'round';
  return context;
}

/** @param {number[]} points @param {{left: number, top: number, width: number, height: number}} area */
function pathOf(points, area) {
  const path = new Path2D();
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = area.left + (points[i] ?? 0) * area.width;
    const y = area.top + (points[i + 1] ?? 0) * area.height;
    if (i === 0) path.moveTo(x, y);
    // A single point is a line to itself, which a round cap makes a dot.
    path.lineTo(x, y);
  }
  return path;
}
