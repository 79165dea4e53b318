-- A recording of a call: one side asks, it runs once both have agreed, and ends when either says so.
--
-- In the call's hash: `recording` (off, asked, on), `recording_by` (who asked), `recording_since`,
-- `recording_id` while it is on, `recorded` (ids so far, each with a comma), `c_agreed` and `a_agreed`
-- (when each side did), `recording_over` (how the last one, or the question, ended).
-- :recordings HASH   id -> JSON, what SQL shall know of it, until a node has written it there

local function recordings_key() return P .. ':recordings' end

local function note_recording(recording, changes)
  local raw = get(recordings_key(), recording)
  local facts = raw and cjson.decode(raw) or {}
  for name, value in pairs(changes) do facts[name] = value end
  set(recordings_key(), recording, cjson.encode(facts))
end

-- It stops in the same step, whatever happens to whoever writes it: no order names it any more.
local function end_recording(id, by, why)
  local v = read(ck(id), 'recording', 'recording_id')
  if v[1] ~= 'on' and v[1] ~= 'asked' then return end
  if v[1] == 'on' then
    note_recording(v[2], {call = id, ended = T, why = why})
    log(id, 'recording_stopped', by, {recording = v[2], why = why})
    add(ck(id), 'arranged', 1)
  end
  set(ck(id), 'recording', 'off', 'recording_by', '', 'recording_since', '', 'recording_id', '',
    'c_agreed', '', 'a_agreed', '', 'recording_over', v[1] == 'on' and why or 'declined')
  touch_call(id)
end
