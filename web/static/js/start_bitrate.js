// @ts-check
/**
 * The bitrate that a picture starts with. Browsers start at 300 kbit/s and grow within seconds,
 * which makes the first frame late and small. Where both lines are known to be good, the offer
 * carries a higher start (`x-google-start-bitrate`, understood by Chromium, ignored by others);
 * on a narrow line it would cost two seconds, so nothing is said when nothing is known.
 */

const START_KBPS = 2500;
const GOOD_MBPS = 5;
/** A smaller file says nothing about a line: most of its time is the round trip. */
const TELLING_BYTES = 12_000;
const VIDEO_CODEC = /^a=rtpmap:(\d+) (?:VP8|VP9|H264|AV1)\/90000$/i;
const HINT = /;?\s?x-google-start-bitrate=\d+/g;

/**
 * Whether this device's line is known to be good: by how fast the page's own files came (W3C
 * resource-timing). Files from the cache tell nothing, and then nothing is known.
 *
 * @param {{transferSize: number, responseStart: number, responseEnd: number}[]} files
 */
export function lineIsGood(
  files = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource')),
) {
  if (/** @type {any} */ (navigator).connection?.saveData) return false;
  return files.some(({ transferSize, responseStart, responseEnd }) => {
    const milliseconds = Math.max(1, responseEnd - responseStart);
    return transferSize >= TELLING_BYTES && (transferSize * 8) / milliseconds / 1000 >= GOOD_MBPS;
  });
}

/**
 * Ask for a fast start in every video codec of a description that is about to be sent.
 *
 * @param {string} sdp RFC 8866
 */
export function withFastStart(sdp) {
  const lines = sdp.split('\r\n');
  const hint = `x-google-start-bitrate=${START_KBPS}`;
  return lines
    .flatMap((line) => {
      const payload = VIDEO_CODEC.exec(line)?.[1];
      const own = /^a=fmtp:(\d+) /.exec(line)?.[1];
      if (payload && !lines.some((one) => one.startsWith(`a=fmtp:${payload} `))) {
        return [line, `a=fmtp:${payload} ${hint}`];
      }
      const video = own && lines.some((one) => VIDEO_CODEC.exec(one)?.[1] === own);
      return video ? [`${line};${hint}`] : [line];
    })
    .join('\r\n');
}

/** Take the other side's wish for a fast start out again. */
export function withoutFastStart(/** @type {string} */ sdp) {
  return sdp
    .split('\r\n')
    .filter((line) => !/^a=fmtp:\d+ x-google-start-bitrate=\d+$/.test(line))
    .map((line) => line.replace(HINT, ''))
    .join('\r\n');
}
