// @ts-check
/** How a connection is made with the servers that the state names. */

/**
 * Without the relays by TLS: on a narrow line their handshake holds up the call's own for half a
 * second. They come with the first repair, for whom nothing else lets out.
 *
 * @param {import('./wire').Ice} ice @returns {import('./wire').Ice}
 */
export function withoutTls({ servers, policy }) {
  const rest = servers.map((one) => ({
    ...one,
    urls: [one.urls].flat().filter((url) => !url.startsWith('turns:')),
  }));
  return { servers: rest.filter((one) => one.urls.length), policy };
}

/** @param {import('./wire').Ice} ice @returns {RTCConfiguration} */
export function configuration({ servers, policy }) {
  return { iceServers: servers, iceTransportPolicy: policy, bundlePolicy: 'max-bundle' };
}
