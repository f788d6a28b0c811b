#include "codecs/backend/wire.h"

static const char *const command_names[WIRE_COMMANDS] = {
	[WIRE_READY] = "READY",   [WIRE_EVENT] = "EVENT",         [WIRE_ASK] = "ASK",
	[WIRE_ANSWER] = "ANSWER", [WIRE_PUBLISH] = "PUBLISH",     [WIRE_CONTROL] = "CONTROL",
	[WIRE_ACK] = "ACK",       [WIRE_HEARTBEAT] = "HEARTBEAT", [WIRE_BYE] = "BYE",
	[WIRE_ERROR] = "ERROR",
};

const char *wire_command_name(enum wire_command command)
{
	return command_names[command];
}

const char *wire_status_code(enum wire_status status)
{
	static const char *const codes[] = {
		[WIRE_OK] = "ok",
		[WIRE_BAD_FRAMES] = "bad_frames",
		[WIRE_BAD_VERSION] = "bad_version",
		[WIRE_BAD_COMMAND] = "bad_command",
		[WIRE_BAD_JSON] = "bad_json",
		[WIRE_BAD_FIELD] = "bad_field",
	};

	return codes[status];
}
