#include "bridge/net/transport.h"

#define POLICY 1008

const struct slice websocket_ping = WEBSOCKET_PING;

static const struct {
	uint16_t code;
	const char *text;
} closes[CLOSE_REFUSED] = {
	[CLOSE_NONE] = { 1000, "" },
	[CLOSE_GOING_AWAY] = { 1001, "going away" },
	[CLOSE_PROTOCOL] = { 1002, "protocol error" },
	[CLOSE_NOT_TEXT] = { 1003, "text frames only" },
	[CLOSE_NOT_UTF8] = { 1007, "not UTF-8" },
	[CLOSE_TOO_LONG] = { 1009, "message too long" },
	[CLOSE_TOO_MANY_REQUESTS] = { POLICY, "too many requests in progress" },
	[CLOSE_TOO_SLOW] = { 1013, "too slow" },
	[CLOSE_NO_LOGIN] = { POLICY, "login timeout" },
	[CLOSE_LOGIN_FAILURES] = { POLICY, "too many failed logins" },
	[CLOSE_SILENT] = { POLICY, "idle timeout" },
	[CLOSE_KICKED] = { POLICY, "kicked" },
	[CLOSE_ROOM_REMOVED] = { POLICY, "room removed" },
	[CLOSE_ACCOUNT] = { POLICY, "account removed or changed" },
};

uint16_t close_code(enum close_reason why)
{
	return why < CLOSE_REFUSED ? closes[why].code : POLICY;
}

const char *close_text(enum close_reason why)
{
	return why < CLOSE_REFUSED ? closes[why].text
				   : reason_text((enum reason)(why - CLOSE_REFUSED));
}
