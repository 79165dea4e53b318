-- How a call ends: its customer leaves the queue, somebody hangs up, the wrap-up is done.

local function forget_deadlines(id)
  no_due('ring:' .. id, 'connect:' .. id, 'customer:' .. id, 'visit:' .. id)
end

local function leave(id, reason, by)
  local v = read(ck(id), 'state', 'language', 'advisor')
  if not move(id, 'leave', by, {reason = reason}) then return false end
  forget_deadlines(id)
  call('ZREM', P .. ':q:' .. v[2], id)
  call('DEL', P .. ':tried:' .. id)
  set(ck(id), 'ended', T, 'end_reason', reason, 'ring_until', '')
  if v[1] == 'ringing' then -- they did nothing wrong: their place in the idle list stays
    free(v[3], number(get(ak(v[3]), 'idle_since')))
  end
  return true
end

local function finish(id, reason, by)
  local v = read(ck(id), 'advisor', 'transfer_to')
  if not move(id, 'end', by, {reason = reason}) then return false end
  end_recording(id, 'system', 'over')
  forget_deadlines(id)
  if v[2] and v[2] ~= '' then
    set(ck(id), 'transfer_to', '')
    free(v[2], number(get(ak(v[2]), 'idle_since')))
  end
  set(ck(id), 'ended', T, 'end_reason', reason, 'held', '', 'ring_until', '')
  set_state(v[1], 'wrap_up')
  due('wrap_up:' .. id, T + A.wrap_up_ms)
  return true
end

-- The mean of what a call costs an advisor, from accept to close: the expected wait comes from it.
local function learn_cycle(id)
  local accepted = number(get(ck(id), 'accepted'))
  if accepted == 0 then return end
  local mean = number(get(P .. ':cycle', 'mean'))
  local cost = T - accepted
  set(P .. ':cycle', 'mean', mean == 0 and cost or mean * 0.9 + cost * 0.1)
end

local function close(id, by)
  if not move(id, 'close', by) then return false end
  no_due('wrap_up:' .. id)
  learn_cycle(id)
  set(ck(id), 'closed', T)
  return true
end
