#include "redis/owner.h"

#define CLAIM_ITEMS    7
#define PENDING_FIELDS " 'pend_relay', 'pend_sid', 'pend_jti', 'pend_until'"

/* Without an owner there is none to ask; the same session needs not ask itself, and does not displace
 * itself.  After a fail-over the time is another server's, whose clock may be behind: that makes no
 * wait longer. */
const char owner_claim_script[] =
	"local o = redis.call('HMGET', KEYS[1], 'relay', 'sid', 'jti',"
	"  'pend_relay', 'pend_sid', 'pend_until', 'pend_jti')\n"
	"local t = redis.call('TIME')\n"
	"local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
	"local rest = (tonumber(o[6] or '') or 0) - now\n"
	"local pr, ps = '', ''\n"
	"if o[4] and rest > 0 and o[7] ~= ARGV[3] then pr, ps = o[4], o[5] end\n"
	"redis.call('PEXPIRE', KEYS[1], ARGV[5])\n"
	"if not o[1] or o[3] == ARGV[3] then\n"
	"  redis.call('HSET', KEYS[1], 'relay', ARGV[1], 'sid', ARGV[2], 'jti', ARGV[3])\n"
	"  if o[1] then pr, ps = '', ''\n"
	"  else redis.call('HDEL', KEYS[1]," PENDING_FIELDS ") end\n"
	"  redis.call('PEXPIRE', KEYS[1], ARGV[5])\n"
	"  return {1, '', '', '', 0, pr, ps}\n"
	"end\n"
	"local most = tonumber(ARGV[4])\n"
	"if rest <= 0 or rest > most then rest = most end\n"
	"redis.call('HSET', KEYS[1], 'pend_relay', ARGV[1], 'pend_sid', ARGV[2],"
	"  'pend_jti', ARGV[3], 'pend_until', string.format('%.0f', now + rest))\n"
	"return {0, o[1], o[2], o[3], rest, pr, ps}";

const char owner_commit_script[] =
	"local o = redis.call('HMGET', KEYS[1],"
	"  'relay', 'jti', 'pend_relay', 'pend_sid', 'pend_jti')\n"
	"local mine = o[3] == ARGV[1] and o[4] == ARGV[2]"
	"  or o[2] == ARGV[3] or o[5] == ARGV[3]\n"
	"if (o[1] or o[3]) and not mine then return o[3] and 0 or 2 end\n"
	"redis.call('HSET', KEYS[1], 'relay', ARGV[1], 'sid', ARGV[2], 'jti', ARGV[3])\n"
	"redis.call('HDEL', KEYS[1]," PENDING_FIELDS ")\n"
	"redis.call('PEXPIRE', KEYS[1], ARGV[4])\n"
	"return 1";

const char owner_refresh_script[] =
	"local o = redis.call('HMGET', KEYS[1], 'relay', 'sid')\n"
	"if o[1] and not (o[1] == ARGV[1] and o[2] == ARGV[2]) then return 0 end\n"
	"redis.call('HSET', KEYS[1], 'relay', ARGV[1], 'sid', ARGV[2], 'jti', ARGV[3])\n"
	"redis.call('PEXPIRE', KEYS[1], ARGV[4])\n"
	"return 1";

/* A session has as many sockets as it has tabs: the place goes to another of them. */
const char owner_release_script[] =
	"local o = redis.call('HMGET', KEYS[1], 'relay', 'sid', 'jti', 'pend_relay', 'pend_sid')\n"
	"if o[1] == ARGV[1] and o[2] == ARGV[2] then\n"
	"  redis.call('HDEL', KEYS[1], 'relay', 'sid', 'jti')\n"
	"  local all = redis.call('HGETALL', KEYS[2])\n"
	"  for i = 1, #all, 2 do\n"
	"    local relay, ua, jti = string.match(all[i + 1], '^(%S+) (%S+) (%S+) ')\n"
	"    if ua == ARGV[3] and jti == o[3] and all[i] ~= ARGV[2] then\n"
	"      redis.call('HSET', KEYS[1], 'relay', relay, 'sid', all[i], 'jti', jti) end\n"
	"  end\n"
	"end\n"
	"if o[4] == ARGV[1] and o[5] == ARGV[2] then"
	"  redis.call('HDEL', KEYS[1]," PENDING_FIELDS ") end\n"
	"return 1";

enum err owner_claim_parse(const struct redis_reply *reply, struct owner_claim *ret)
{
	const struct redis_reply *f = reply->items;

	if (reply->type != REDIS_LIST || reply->count != CLAIM_ITEMS)
		return ERR_PROTOCOL;
	*ret = (struct owner_claim){
		.granted = f[0].number == 1,
		.relay = f[1].text,
		.sid = f[2].text,
		.jti = f[3].text,
		.wait_ms = f[4].number,
		.displaced_relay = f[5].text,
		.displaced_sid = f[6].text,
	};
	return ERR_OK;
}
