#include "codecs/concord/concord.h"

static const char *const members[] = { "adding",
				       "author",
				       "authorId",
				       "avatarId",
				       "bio",
				       "capabilities",
				       "channel",
				       "channelId",
				       "chat",
				       "chatId",
				       "children",
				       "content",
				       "createdAt",
				       "createdByUserId",
				       "defaultChannelId",
				       "description",
				       "edited",
				       "error",
				       "iconId",
				       "id",
				       "message",
				       "name",
				       "nickname",
				       "onlineStatus",
				       "ordinality",
				       "parentChannelId",
				       "password",
				       "path",
				       "profile",
				       "reactingUsers",
				       "reaction",
				       "reactions",
				       "sentAt",
				       "server",
				       "status",
				       "threadId",
				       "timestamp",
				       "token",
				       "type",
				       "user",
				       "userId",
				       "username",
				       "users",
				       NULL };

static const char *const naming[] = { "type", NULL };

static const char *const kinds[] = {
	"channel_created", "channel_deleted",     "chat_deleted",
	"chat_edited",     "chat_reaction",       "chat_reactions_updated",
	"chat_sent",       "chat_typing",         "chat_written",
	"error",           "heartbeat",           "user_joined",
	"user_left",       "user_status_updated", NULL
};

static const char *const bodies[] = { "bio",  "content",  "description", "message",
				      "name", "nickname", "username",    NULL };

static const char *const secrets[] = { "password", "token", NULL };

static const char *const maps[] = { "reactions", NULL };

const struct codec_words concord_words = {
	.members = members,
	.naming = naming,
	.kinds = kinds,
	.bodies = bodies,
	.secrets = secrets,
	.maps = maps,
};
