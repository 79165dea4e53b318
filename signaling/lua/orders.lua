-- What a manager orders on the floor. It holds until a manager takes it back; each answers what was.

-- :floor HASH  `closed`: since when the queue takes nobody in; `notice`: JSON, a text by language

function ops.order_queue() -- {closed}
  local since = get(P .. ':floor', 'closed') or ''
  if (since ~= '') ~= A.closed then
    set(P .. ':floor', 'closed', A.closed and T or '')
    feed('k', 'floor')
  end
  return {'ok', since}
end

function ops.order_notice() -- {notice}: JSON, or empty for none
  local before = get(P .. ':floor', 'notice') or ''
  if before ~= A.notice then
    set(P .. ':floor', 'notice', A.notice)
    feed('k', 'floor')
  end
  return {'ok', before}
end

-- {advisor}: away now, or after what they have. A call that rings there goes to the next.
function ops.order_away()
  local state = get(ak(A.advisor), 'state')
  if not state then return {'refused', 'not_found'} end
  if state == 'away' then return {'refused', 'illegal_move'} end
  if state == 'available' then
    go_away(A.advisor, 'by_manager')
  elseif state == 'ringing' then
    ring_over(A.advisor, 'decline', 'system', function() go_away(A.advisor, 'by_manager') end)
  else
    set(ak(A.advisor), 'leaving', '1')
    touch_advisor(A.advisor)
  end
  return {'ok'}
end

-- {advisor}: takes that back. Who is away for another reason, or has no page open, stays away.
function ops.order_back()
  local v = read(ak(A.advisor), 'state', 'reason', 'leaving', 'sid')
  if not v[1] then return {'refused', 'not_found'} end
  if v[3] == '1' then
    set(ak(A.advisor), 'leaving', '')
    touch_advisor(A.advisor)
    return {'ok'}
  end
  if v[1] ~= 'away' or v[2] ~= 'by_manager' or not v[4] or v[4] == '' then
    return {'refused', 'illegal_move'}
  end
  return ops.go_available()
end

-- {id, place}: a waiting call goes to this place of its queue, counted from 1, as far as there is
-- one: nobody passes those who are kept for their host. The places' scores stay where they are, and
-- the calls between move up or down by one.
function ops.order_place()
  local v = read(ck(A.id), 'state', 'language')
  if v[1] ~= 'waiting' then return {'refused', 'illegal_move'} end
  local queue = P .. ':q:' .. v[2]
  local from = call('ZRANK', queue, A.id)
  local kept = call('ZCOUNT', queue, '-inf', '(0')
  if not from or from < kept then return {'refused', 'illegal_move'} end
  local to = math.max(kept, math.min(A.place - 1, call('ZCARD', queue) - 1))
  local first = math.min(from, to)
  local rows = call('ZRANGE', queue, first, math.max(from, to), 'WITHSCORES')
  local ids, scores = {}, {}
  for i = 1, #rows, 2 do
    if rows[i] ~= A.id then ids[#ids + 1] = rows[i] end
    scores[#scores + 1] = number(rows[i + 1])
  end
  table.insert(ids, to - first + 1, A.id)
  for i, id in ipairs(ids) do
    -- Those who came in the same millisecond stand in the order of their names.
    if i > 1 and scores[i] <= scores[i - 1] then scores[i] = scores[i - 1] + 1 end
    call('ZADD', queue, text(scores[i]), id)
    set(ck(id), 'score', scores[i])
  end
  if from ~= to then
    log(A.id, 'place', 'manager', {place = to + 1})
    touch_call(A.id)
  end
  return {'ok', text(from + 1)}
end
