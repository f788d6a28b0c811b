#include "bridge/core/capture/words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "codecs/model/envelope.h"
#include "codecs/text/reason.h"

#define ID_DIGITS       20
#define DURATION_DIGITS 7

static const char *const members[] = { "adding",
				       "answers",
				       "arguments",
				       "authenticated",
				       "author",
				       "authorId",
				       "avatarId",
				       "avatarUrl",
				       "bio",
				       "capabilities",
				       "cause",
				       "channel",
				       "channelId",
				       "chat",
				       "chatId",
				       "children",
				       "clearer",
				       "code",
				       "content",
				       "coords",
				       "createdAt",
				       "data",
				       "duration",
				       "durationString",
				       "edited",
				       "endpoints",
				       "endsAt",
				       "error",
				       "event",
				       "height",
				       "iconId",
				       "id",
				       "key",
				       "level",
				       "me",
				       "message",
				       "message_id",
				       "meta",
				       "method",
				       "moderator",
				       "originatingChannel",
				       "pack",
				       "parentChannelId",
				       "payload_id",
				       "permanent",
				       "permissions",
				       "profile",
				       "q",
				       "reactingUsers",
				       "reaction",
				       "reactions",
				       "responses",
				       "responsesByIndex",
				       "roles",
				       "room_id",
				       "sentAt",
				       "server",
				       "source",
				       "stacktrace",
				       "status",
				       "statusCode",
				       "target",
				       "text",
				       "threadId",
				       "time",
				       "timestamp",
				       "type",
				       "url",
				       "user",
				       "userId",
				       "userRoles",
				       "user_ascension_level",
				       "user_avatar",
				       "user_id",
				       "user_level",
				       "user_name",
				       "user_roles",
				       "username",
				       "users",
				       "voters",
				       "whisper",
				       "width",
				       "x",
				       "y" };

/* Of "type", "event" and "method". */
static const char *const kinds[] = { "ChatMessage",
				     "ClearMessages",
				     "DeleteMessage",
				     "PollEnd",
				     "PollStart",
				     "PurgeMessage",
				     "UserJoin",
				     "UserLeave",
				     "UserTimeout",
				     "UserUpdate",
				     "WelcomeEvent",
				     "attachEmotes",
				     "auth",
				     "ban",
				     "cancelSkill",
				     "channel_created",
				     "channel_deleted",
				     "chat_deleted",
				     "chat_edited",
				     "chat_reaction",
				     "chat_reactions_updated",
				     "chat_sent",
				     "chat_typing",
				     "chat_written",
				     "clearMessages",
				     "deleteMessage",
				     "emoticon",
				     "enter",
				     "error",
				     "event",
				     "exit",
				     "giveaway:start",
				     "heartbeat",
				     "history",
				     "image",
				     "invite",
				     "kick",
				     "link",
				     "message",
				     "message_sent",
				     "method",
				     "msg",
				     "optOutEvents",
				     "ping",
				     "pong",
				     "purge",
				     "read",
				     "reply",
				     "send_message",
				     "tag",
				     "text",
				     "timeout",
				     "user_connected",
				     "user_disconnected",
				     "user_joined",
				     "user_left",
				     "user_status_updated",
				     "vote:choose",
				     "vote:start",
				     "whisper" };

static bool listed(struct slice word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(word, list[i]))
			return true;
	return false;
}

#define LISTED(word, list) listed(word, list, sizeof(list) / sizeof((list)[0]))

bool words_is_member(struct slice name)
{
	return LISTED(name, members);
}

bool words_names_kind(struct slice member)
{
	static const char *const words[] = { "type", "event", "method" };

	return LISTED(member, words);
}

bool words_has_kind(struct slice text)
{
	return LISTED(text, kinds);
}

bool words_is_body(struct slice member)
{
	static const char *const bodies[] = { "answers", "bio",  "content",  "data",
					      "message", "name", "nickname", "q",
					      "text",    "url",  "username" };

	return LISTED(member, bodies);
}

static bool ends_with(struct slice name, const char *end)
{
	size_t len = strlen(end);

	return name.len >= len && strncasecmp(name.data + name.len - len, end, len) == 0;
}

bool words_is_secret(struct slice member)
{
	return ends_with(member, "key") || ends_with(member, "token") ||
	       ends_with(member, "secret") || ends_with(member, "password") ||
	       ends_with(member, "authorization");
}

bool words_logs_in(struct slice method)
{
	return slice_is(method, "auth");
}

/* ---- values ---- */

static bool is_role(struct slice text)
{
	char folded[16] = "";

	for (size_t i = 0; i < text.len && i + 1 < sizeof(folded); i++)
		folded[i] = (char)tolower((unsigned char)text.data[i]);
	return text.len < sizeof(folded) && person_role_find(slice_of(folded)) != 0;
}

static bool is_status(struct slice text)
{
	static const char *const words[] = { "ONLINE", "AWAY", "DO_NOT_DISTURB", "OFFLINE" };

	return LISTED(text, words);
}

static bool is_reason(struct slice text)
{
	for (int r = 1; r < REASONS; r++)
		if (slice_is(text, reason_code((enum reason)r)))
			return true;
	return slice_is(text, "malformed_payload");
}

static size_t digits_of(struct slice text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] >= '0' && text.data[len] <= '9')
		len++;
	return len;
}

static bool is_duration(struct slice text)
{
	size_t digits = digits_of(text);

	return digits > 0 && digits <= DURATION_DIGITS &&
	       (digits == text.len ||
		(digits + 1 == text.len && strchr("smhd", text.data[digits])));
}

bool words_has_value(struct slice member, struct slice text)
{
	if (ends_with(member, "roles"))
		return is_role(text);
	if (slice_is(member, "durationString"))
		return is_duration(text);
	if (slice_is(member, "status"))
		return is_status(text);
	if (slice_is(member, "error"))
		return is_reason(text);
	return ends_with(member, "id") && text.len > 0 && text.len <= ID_DIGITS &&
	       digits_of(text) == text.len;
}

/* ---- arguments, which have no names ---- */

static const struct method {
	const char *name;
	int number;   /* the argument that is a number; -1: none */
	int duration; /* that says how long */
} methods[] = {
	{ "history", 0, -1 },     { "timeout", 1, 1 },        { "vote:start", 2, -1 },
	{ "vote:choose", 0, -1 }, { "optOutEvents", -1, -1 },
};

static const struct method *find_method(struct slice name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (slice_is(name, methods[i].name))
			return &methods[i];
	return NULL;
}

bool words_has_argument(struct slice method, int index, struct slice text)
{
	const struct method *found = find_method(method);

	if (!found)
		return false;
	return (index == found->duration && is_duration(text)) ||
	       (slice_is(method, "optOutEvents") && words_has_kind(text));
}

bool words_has_number(struct slice method, int index)
{
	const struct method *found = find_method(method);

	return found && index == found->number;
}
