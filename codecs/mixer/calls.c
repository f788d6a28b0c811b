#include "codecs/mixer/link.h"

#include <stdio.h>
#include <stdlib.h>

#define SPACING_MS 500 /* published bots keep to as much */

/* ---- the socket ---- */

static void open_socket(struct call_peer *peer, struct call_sink *sink)
{
	struct mixer_link *link = mixer_link_of(peer);

	/* The server speaks first: WelcomeEvent. */
	(void)sink;
	link->asked = link->up = false;
	link->history = 0;
}

static void close_link(struct call_peer *peer)
{
	struct mixer_link *link = mixer_link_of(peer);

	free(link->channel);
	free(link->user);
	free(link->name);
	free(link->key);
	*link = (struct mixer_link){ .channel = NULL };
}

static enum codec_status ask_history(struct call_peer *peer, uint32_t count, struct call_out *out)
{
	struct mixer_link *link = mixer_link_of(peer);

	if (count == 0)
		return CODEC_NOTHING;
	link->history = count < MIXER_HISTORY_MAX ? count : MIXER_HISTORY_MAX;
	mixer_method_open(&out->frame, SLICE("history"));
	json_put_unsigned(&out->frame, link->history);
	mixer_method_close(&out->frame, MIXER_ID_HISTORY);
	out->settling = SETTLES_REPLY;
	return CODEC_OK;
}

/* ---- who is there ---- */

#define PAGE      100
#define PAGES_MAX 10

void mixer_ask_users(struct call_peer *peer, struct call_sink *sink)
{
	const struct mixer_link *link = mixer_link_of(peer);
	struct call_request request = { .method = CALL_GET, .tag = TAG_USERS };
	char query[64];
	int len = snprintf(query, sizeof(query), "/users?limit=%u&page=%u", PAGE, link->page);

	json_put_literal(&request.path, "/chats/", 7);
	call_put_escaped(&request.path, slice_of(link->channel));
	json_put_literal(&request.path, query, (size_t)len);
	if (link->user)
		mixer_put_bearer(&request, peer);
	sink->ask(sink, &request);
}

/* Documents and types of the published clients differ. */
static bool read_user(struct mixer_reading *r, struct json_value user,
		      struct foreign_person *person)
{
	static const char *const old[3] = { "userId", "userName", "userRoles" };
	static const char *const keys[3] = { "userId", "username", "userRoles" };

	return (mixer_read_person(r, user, keys, person) && person->name.len) ||
	       mixer_read_person(r, user, old, person);
}

/* Of a page some may be left out: whether it is the last is said elsewhere, if at all. */
static void hear_users(struct call_peer *peer, struct json_value list, bool more,
		       struct call_sink *sink)
{
	struct mixer_link *link = mixer_link_of(peer);
	struct mixer_reading r = { .peer = peer, .sink = sink };
	struct foreign_person person;
	struct json_value item;
	uint64_t first = 0;
	size_t cursor = 0, count = 0;

	for (; json_item(list, &cursor, &item); count++) {
		r.free = peer->scratch;
		if (!read_user(&r, item, &person) || !person.id.len)
			continue;
		if (count == 0)
			first = slice_fnv(person.id);
		/* A server that counts no pages says the same again. */
		if (count == 0 && link->page && first == link->page_first)
			return;
		sink->known(sink, &person, true);
	}
	link->page_first = first;
	if ((more || count >= PAGE) && ++link->page < PAGES_MAX)
		mixer_ask_users(peer, sink);
}

/* Nothing else is asked for behind the login; an answer that is none is no harm. */
static void answered(struct call_peer *peer, const struct call_said *said,
		     const struct call_result *result, struct call_sink *sink)
{
	struct json_value list;

	if (!said && result->tag == TAG_USERS && result->status == 200 &&
	    json_read_value(result->body, peer->json_depth, &list) == JSON_OK)
		hear_users(peer, list, result->more, sink);
}

/* What is a number, but none of a channel, is no name either. None is the channel of who we are. */
static bool room_allowed(struct slice room, const char **why)
{
	size_t digits = room.len && room.data[0] == '-' ? 1 : 0;

	while (digits < room.len && room.data[digits] >= '0' && room.data[digits] <= '9')
		digits++;
	*why = "a channel there is a number from 1, or a name";
	return !room.len || digits < room.len || mixer_is_number(room);
}

/* ---- all of it ---- */

const struct codec_calls mixer_calls = {
	.state_size = sizeof(struct mixer_link),
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_TEXT, NULL },
		[KIND_DELETE] = { true, RULE_NATIVE, NULL },
		[KIND_CLEAR] = { true, RULE_NATIVE, NULL },
		[KIND_PURGE] = { true, RULE_NATIVE, NULL },
		[KIND_REACTION] = { false, RULE_ACTION, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "mixer has no typing" },
		[KIND_READ] = { false, RULE_DROP, "mixer has no read receipts" },
		[KIND_ENTER] = { true, RULE_DROP, "who comes there connects there" },
		[KIND_EXIT] = { true, RULE_DROP, "who goes there disconnects there" },
		[KIND_INVITE] = { false, RULE_DROP, "mixer has no invitations" },
		/* For a while, as a timeout; for ever, not: see calls_say.c. */
		[KIND_KICK] = { true, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { true, RULE_NATIVE, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "mixer has no presence" },
		[KIND_USER_UPDATE] = { true, RULE_DROP, "roles are the server's own" },
		[KIND_POLL_START] = { true, RULE_NATIVE, NULL },
		[KIND_POLL_VOTE] = { false, RULE_NATIVE, NULL },
		[KIND_POLL_END] = { true, RULE_DROP, "a poll there ends by itself" },
		[KIND_NOTICE] = { true, RULE_TEXT, NULL },
		[KIND_OPAQUE] = { true, RULE_DROP, "only the server says such" },
	},
	.text_max = MIXER_TEXT_MAX,
	.spacing_ms = SPACING_MS,
	.has_ids = true,
	.has_history = true,
	.has_private = true,
	.has_action = true,
	.names_are_unique = true,
	.plan = mixer_plan,
	.open = open_socket,
	.decode = mixer_hear,
	.say = mixer_say,
	.answered = answered,
	.history = ask_history,
	.close = close_link,
	.room_allowed = room_allowed,
};
