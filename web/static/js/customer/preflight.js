// @ts-check
/** Before the tap that calls: what this browser will lack, in words, and how to mend it. */
import { canCall, captureHindrance } from '../able.js';
import { byId, part, show } from '../dom.js';
import { t } from '../words.js';

/** Social apps that show pages in a browser of their own, by what it writes into its user agent. */
const SOCIAL =
  /\bFB(AN|AV|_IAB)\b|Instagram|Snapchat|Pinterest|LinkedInApp|BytedanceWebview|MicroMessenger/;
/** Any other app's: Android says `wv`, and on iOS what is no browser doesn't call itself one. */
const WEB_VIEW = /; wv\)|\b(iPhone|iPad|iPod)\b(?!.*\b(Safari|CriOS|FxiOS|EdgiOS)\/)/;

/** @param {string} agent the browser's user agent */
export function isInApp(agent) {
  return SOCIAL.test(agent) || WEB_VIEW.test(agent);
}

/**
 * @param {{calls: boolean, capture: string, agent: string}} able `capture` is the name of what
 *   keeps camera and microphone away, or empty
 * @returns {string[]} the keys of what to say; empty when nothing is in the way
 */
export function hindrances({ calls, capture, agent }) {
  const inApp = isInApp(agent);
  if (!calls) return [inApp ? 'customer.unsupported_in_app' : 'customer.unsupported'];
  if (capture) return ['customer.preflight.watch', `call.capture.${capture}`];
  return inApp ? ['customer.preflight.in_app'] : [];
}

/** Say what is in the way. Returns whether a call is possible. */
export function checkBeforehand() {
  const calls = canCall();
  const { userAgent: agent } = navigator;
  const found = hindrances({ calls, capture: captureHindrance(), agent });
  const place = byId(calls ? 'preflight' : 'unsupported');
  part(place, 'text').textContent = found.map((key) => t(key)).join(' ');
  show(place, found.length > 0);
  return calls;
}
