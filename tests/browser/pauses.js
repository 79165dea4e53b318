// How long frames stood still on the screen: for tests of a path that changes.
(video) => {
  const seen = (window.pauses ??= new WeakMap());
  if (!seen.has(video)) {
    const record = { last: performance.now(), longest: 0 };
    seen.set(video, record);
    const next = (now) => {
      record.longest = Math.max(record.longest, now - record.last);
      record.last = now;
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }
  const record = seen.get(video);
  const longest = Math.max(record.longest, performance.now() - record.last);
  record.longest = 0;
  return longest;
}
