-- Seats: which socket speaks for a customer or an advisor, and how long an empty one is kept.

local RUNS = {ringing = true, connecting = true, live = true}
local TALKS = {connecting = true, live = true}

local function relink(id)
  if not RUNS[get(ck(id), 'state')] then return end
  add(ck(id), 'link', 1)
  set(ck(id), 'linked', '')
  touch_call(id)
end

local function grace(kind, id)
  if kind == 'advisor' then return A.advisor_grace_ms end
  local state = get(ck(id), 'state')
  return (state == 'waiting' or state == 'ringing') and A.queue_grace_ms or A.call_grace_ms
end

local function seat_key(kind, id) return kind == 'advisor' and ak(id) or ck(id) end

local ops = {}

-- {kind, id, sid, page}: a page's socket takes its seat; an older socket is told to go.
function ops.take_seat()
  local key = seat_key(A.kind, A.id)
  local v = read(key, 'sid', 'page', 'state', 'call', 'lost')
  if not v[3] then return {'refused', 'not_found'} end
  set(key, 'sid', A.sid, 'page', A.page, 'lost', '')
  if v[1] and v[1] ~= '' and v[1] ~= A.sid then feed('k', 'replaced', 's', v[1]) end
  local id = A.kind == 'advisor' and (v[4] or '') or A.id
  local new_page = v[2] and v[2] ~= '' and v[2] ~= A.page
  if id ~= '' then
    -- A transfer's target has no link yet; everybody else's new page needs a new one.
    local linked = A.kind == 'customer' or get(ck(id), 'advisor') == A.id
    if new_page and linked then
      relink(id)
      set(ck(id), A.kind == 'customer' and 'c_seen' or 'a_seen', '')
    end
    touch_call(id)
  end
  if A.kind == 'advisor' then
    touch_advisor(A.id)
    if v[3] == 'available' and v[5] and v[5] ~= '' then list_idle(A.id); serve_advisor(A.id) end
    if v[3] ~= 'away' then due('advisor:' .. A.id, T + grace('advisor', A.id) + A.lease_ms) end
  elseif v[3] ~= 'wrap_up' and v[3] ~= 'closed' then
    due('customer:' .. A.id, T + grace('customer', A.id) + A.lease_ms)
  end
  return {'ok'}
end

-- {kind, id, sid}: the socket is gone. From now on the grace runs.
function ops.leave_seat()
  local key = seat_key(A.kind, A.id)
  local v = read(key, 'sid', 'state', 'call')
  if v[1] ~= A.sid then return {'ok'} end
  set(key, 'sid', '', 'lost', T)
  if A.kind == 'advisor' then
    if v[2] == 'away' then return {'ok'} end
    unidle(A.id)
    touch_advisor(A.id)
    if v[3] and v[3] ~= '' then touch_call(v[3]) end
  else
    if v[2] == 'wrap_up' or v[2] == 'closed' then return {'ok'} end
    touch_call(A.id)
  end
  due(A.kind .. ':' .. A.id, T + grace(A.kind, A.id))
  return {'ok'}
end

-- {seats = {{kind, id, sid}, …}}: a node says which of its seats still have a socket. Seats of a
-- node that died are not renewed, so their deadline comes by itself.
function ops.renew_seats()
  local unknown = {'ok'}
  for _, seat in ipairs(A.seats) do
    local v = read(seat_key(seat[1], seat[2]), 'sid', 'state')
    local over = seat[1] == 'customer' and (v[2] == 'wrap_up' or v[2] == 'closed')
    if v[1] == seat[3] then
      if v[2] ~= 'away' and not over then
        due(seat[1] .. ':' .. seat[2], T + grace(seat[1], seat[2]) + A.lease_ms)
      end
    elseif not over then -- of a call that is over each page may look on
      unknown[#unknown + 1] = seat[3]
    end
  end
  return unknown
end
