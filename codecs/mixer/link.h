/* link.h - what the files of mixer's calling side share. Nothing outside codecs/mixer includes it.
 *
 * calls.c       the table, the socket     calls_say.c    what we say
 * calls_plan.c  the login by HTTP         calls_event.c  events
 * calls_read.c  frames, replies           calls_chat.c   a message of theirs */
#ifndef CODECS_MIXER_LINK_H
#define CODECS_MIXER_LINK_H

#include "codecs/calls_read.h"
#include "codecs/mixer/mixer.h"

/* What requests are for. */
enum mixer_tag {
	TAG_USER = 1, /* who we are */
	TAG_CHANNEL,  /* the id of a channel by name */
	TAG_CHAT,     /* where to connect, and with which key */
	TAG_USERS     /* who is there */
};

/* Ids of methods that say() does not make: its own are 1 and more. */
#define MIXER_ID_AUTH    0
#define MIXER_ID_HISTORY (-1)

struct mixer_link {
	char *channel, *user, *name, *key; /* owned; NULL: none, or not known yet */
	bool asked;                        /* auth was sent in this socket */
	bool up;
	bool bare;             /* the secret alone is the token */
	uint32_t history;      /* so many messages were asked for; 0: none */
	uint32_t page;         /* of the users, from 0 */
	uint64_t page_first;   /* a hash of the first id on it */
	uint64_t poll;         /* a hash of the one that runs; 0: none */
	uint64_t poll_ends_ms; /* when it does */
};

/* A frame that is being read, or an item of one. */
struct mixer_reading {
	struct call_peer *peer;
	struct call_sink *sink;
	struct json_value frame, data;
	char *free; /* scratch */
	struct call_heard heard;
};

static inline struct mixer_link *mixer_link_of(const struct call_peer *peer)
{
	return peer->state;
}

/* A number that a mixer server has for a user or a channel: digits, not 0. */
bool mixer_is_number(struct slice id);

/* An id as a value: a number where it is one, else a string. */
void mixer_put_id(struct json_writer *w, struct slice id);

/* {"type":"method","method":NAME,"arguments":[ ... and the end, with the id. */
void mixer_method_open(struct json_writer *w, struct slice name);
void mixer_method_close(struct json_writer *w, int64_t id);

/* A person of an object that calls id, name and roles so. False: an id
 * is none, or too long. */
bool mixer_read_person(struct mixer_reading *r, struct json_value object, const char *const keys[3],
		       struct foreign_person *person);

/* The member of r->data that names the room, into r->heard; the one we asked for is absent. */
bool mixer_read_room(struct mixer_reading *r, const char *key);

/* user_id, user_name, user_roles. */
extern const char *const mixer_user_keys[3];

/* r->data as a ChatMessage into r->heard, and told. REASON_BAD_ARGUMENT: it is none. */
enum reason mixer_hear_chat(struct mixer_reading *r);

/* Any event but WelcomeEvent; name: unescaped. */
enum reason mixer_hear_event(struct mixer_reading *r, struct slice name);

/* As who we are: "Bearer TOKEN", of who has a name, too, "Bearer NAME:SECRET", until that was
 * refused. For plan() and what is asked behind it. */
void mixer_put_bearer(struct call_request *request, const struct call_peer *peer);

/* Asks who is there, the page that link->page says. */
void mixer_ask_users(struct call_peer *peer, struct call_sink *sink);

/* ---- codec_calls ---- */
enum call_step mixer_plan(struct call_peer *peer, const struct call_result *previous,
			  struct call_plan *plan, struct call_sink *sink);
enum reason mixer_hear(struct call_peer *peer, struct slice text, struct call_sink *sink);
enum codec_status mixer_say(struct call_peer *peer, const struct call_said *said,
			    struct call_out *out, enum reason *why);

#endif
