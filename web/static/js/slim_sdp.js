// @ts-check
/**
 * An offer without what the relay never reads: on a narrow line 14 kB take two seconds, 4 kB half
 * of one. Codecs that it does not forward, their retransmissions, and extensions it does not know.
 */

const CODECS = /^(?:opus|VP8|H264)\//i;
const EXTENSIONS = /abs-send-time|transport-wide-cc/;
/** What is said of a payload type, and what is said of one extension. */
const OF_CODEC = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /;
const MEDIA = /^(m=\w+ \d+ [A-Z/]+) (.+)$/;

/**
 * @param {string} sdp RFC 8866
 * @returns {string}
 */
export function slim(sdp) {
  const lines = sdp.split('\r\n');
  const kept = new Set(
    lines.flatMap((line) => {
      const [, number = '', codec = ''] = /^a=rtpmap:(\d+) (.+)$/.exec(line) ?? [];
      return CODECS.test(codec) ? [number] : [];
    }),
  );
  return lines
    .filter((line) => {
      const codec = OF_CODEC.exec(line)?.[1];
      if (codec) return kept.has(codec);
      if (line.startsWith('a=extmap:')) return EXTENSIONS.test(line);
      // The relay needs each stream's SSRC once, and none of its retransmissions'.
      if (line.startsWith('a=ssrc:')) return / cname:/.test(line) && !isRepair(line, lines);
      return !/^a=(?:ssrc-group|msid|extmap-allow-mixed|msid-semantic|rtcp:)/.test(line);
    })
    .map((line) => {
      const [, head, numbers = ''] = MEDIA.exec(line) ?? [];
      if (!head) return line;
      const left = numbers.split(' ').filter((number) => kept.has(number));
      return `${head} ${left.join(' ') || '0'}`;
    })
    .join('\r\n');
}

/**
 * A description without what it says twice, or what goes without saying: another browser needs no
 * more (RFC 8830 has a stream's name at its section, RFC 5761 one port for both).
 *
 * @param {string} sdp RFC 8866
 * @returns {string}
 */
export function terse(sdp) {
  return sdp.replace(/^a=(?:ssrc:\d+ msid:|rtcp:|msid-semantic:).*\r\n/gm, '');
}

/** @param {string} line @param {string[]} lines */
function isRepair(line, lines) {
  const ssrc = /^a=ssrc:(\d+)/.exec(line)?.[1];
  return lines.some((one) => one.startsWith('a=ssrc-group:FID') && one.endsWith(` ${ssrc}`));
}
