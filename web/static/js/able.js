// @ts-check
/** What this browser can do, found out without asking its owner anything. */

/** Can it hold a live call at all? */
export function canCall() {
  return 'RTCPeerConnection' in window && 'addTransceiver' in RTCPeerConnection.prototype;
}

/** Why it has no camera and no microphone for this page, as the name of an error; else empty. */
export function captureHindrance() {
  // In-app browsers have no capture at all; other pages lose it when they are not secure.
  const missing = isSecureContext ? 'NoCaptureError' : 'SecurityError';
  return !navigator.mediaDevices?.getUserMedia ? missing : '';
}

/** What it would answer if the page asked for this device; `prompt` where it doesn't tell. */
export async function permission(/** @type {'microphone' | 'camera'} */ name) {
  try {
    // TypeScript's list of names lacks these two.
    const asked = /** @type {PermissionDescriptor} */ (/** @type {unknown} */ ({ name }));
    return (await navigator.permissions.query(asked)).state;
  } catch {
    return 'prompt';
  }
}
