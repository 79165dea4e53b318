-- Booked visits: calls that are kept for one advisor at first, and advisors who are kept free for them.
--
-- The fields of a booked call: `visit` (the appointment), `host` (its advisor), `starts`, and `kept`
-- while it rings nobody else. Its host lists it as `booked`, in words that are not tidied up before
-- somebody reads them. A call that was not booked costs no read more than before.

-- Write down what `request` says of a visit; return its place. Before the start, two guests of one
-- host are served in the order of their visits, not of their arrival.
local function book(id)
  local starts, host = number(A.fields.starts), A.fields.host
  if host == '' then return starts end
  set(ak(host), 'booked', (get(ak(host), 'booked') or '') .. id .. ',')
  if A.kept_until <= T then return starts end
  set(ck(id), 'kept', '1')
  due('visit:' .. id, A.kept_until)
  return starts - KEPT
end

-- Make what is written about an advisor's keeps true now. It ends with the last of them.
local function settle_keeps(advisor)
  local keeps = P .. ':keeps:' .. advisor
  call('ZREMRANGEBYSCORE', keeps, '-inf', text(T))
  local latest = number(call('ZRANGE', keeps, -1, -1, 'WITHSCORES')[2])
  if latest == number(get(ak(advisor), 'kept_until')) then return end
  touch_advisor(advisor)
  if latest > 0 then
    set(ak(advisor), 'kept_until', latest)
    call('SADD', P .. ':kept', advisor)
    due('kept_free:' .. advisor, latest)
    unidle(advisor)
    return
  end
  set(ak(advisor), 'kept_until', '')
  call('SREM', P .. ':kept', advisor)
  no_due('kept_free:' .. advisor)
  if is_there(advisor) then
    list_idle(advisor)
    serve_advisor(advisor)
  end
end

-- The guest is received, by whomever: their host needs not be kept free any longer.
local function let_go(host, visit)
  if call('ZREM', P .. ':keeps:' .. host, visit) == 1 then settle_keeps(host) end
end

-- {advisor, visit, until_ms}: no call but those booked with them rings there until then.
function ops.keep_free()
  call('ZADD', P .. ':keeps:' .. A.advisor, text(A.until_ms), A.visit)
  settle_keeps(A.advisor)
  return {'ok'}
end
