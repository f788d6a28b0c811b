#include "codecs/rooms/rooms.h"

static const char *const members[] = { "content",    "error",   "index",    "key",      "message",
				       "message_id", "name",    "open",     "password", "permanent",
				       "present",    "room_id", "text",     "time",     "type",
				       "user_count", "user_id", "username", "users",    NULL };

static const char *const naming[] = { "type", NULL };

static const char *const kinds[] = { "enter",   "error", "exit", "invite", "kick",
				     "message", "ping",  "pong", "read",   NULL };

static const char *const bodies[] = { "content", "message", "name", "text", "username", NULL };

static const char *const secrets[] = { "key", "password", NULL };

static const char *const uuids[] = { "room_id", NULL };

const struct codec_words rooms_words = {
	.members = members,
	.naming = naming,
	.kinds = kinds,
	.bodies = bodies,
	.secrets = secrets,
	.uuids = uuids,
};
