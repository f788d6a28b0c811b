#include "codecs/simple/simple.h"

static const char *const members[] = { "error", "message",  "payload_id", "timestamp",
				       "type",  "username", NULL };

static const char *const naming[] = { "type", NULL };

static const char *const kinds[] = { "message",        "message_sent",      "reply", "send_message",
				     "user_connected", "user_disconnected", NULL };

static const char *const bodies[] = { "message", "username", NULL };

const struct codec_words simple_words = {
	.members = members,
	.naming = naming,
	.kinds = kinds,
	.bodies = bodies,
};
