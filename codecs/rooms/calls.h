/* calls.h - the parts of the rooms dialect's calling side (codecs/calls.h). For codecs/rooms only.
 *
 * calls_table.c  the table, what requests brought   calls_plan.c  the login
 * calls_hear.c   what comes in the socket           calls_say.c   how something is said
 *
 * There is no real server with a socket of this dialect: that of another Dragoman is one. */
#ifndef CODECS_ROOMS_CALLS_H
#define CODECS_ROOMS_CALLS_H

#include "codecs/calls_read.h"
#include "codecs/folk.h"
#include "codecs/rooms/rooms.h"
#include "codecs/text/json_read.h"

#define SENT_MAX 128

/* What requests are for. */
enum rooms_tag {
	TAG_KEY = 1, /* POST /key */
	TAG_USER,    /* POST /user */
	TAG_SELF,    /* GET /user?key= */
	TAG_NAME,    /* GET /user/ID, of our own */
	TAG_ROOM,
	TAG_SAY,
	TAG_PEOPLE,
	TAG_PERSON /* and more: what folk_ask() said is added */
};

/* A frame that was sent. An error does not say which of them it is about. */
struct rooms_sent {
	enum envelope_kind kind;
	uint64_t serial; /* 0: of nothing that was said */
	uint64_t words;  /* a hash of the text */
};

struct rooms_link {
	char *key; /* owned; NULL: none yet */
	size_t key_len;
	char self[FOREIGN_ID_MAX];
	size_t self_len; /* 0: not known yet */
	char room[UUID_TEXT_LEN];
	bool numbers; /* ids of messages come as numbers: so they go */
	struct folk folk;
	struct rooms_sent sent[SENT_MAX]; /* oldest first */
	size_t sent_count;
};

static inline struct slice rooms_self(const struct rooms_link *link)
{
	return link->self_len ? slice_span(link->self, link->self_len) : (struct slice){ NULL, 0 };
}

static inline struct slice rooms_room(const struct rooms_link *link)
{
	return slice_span(link->room, UUID_TEXT_LEN);
}

/* Whoever is called so there: a UUID in lower case, or another id. As call_id(). */
bool rooms_call_id(struct json_value value, char **scratch, struct slice *id)
    __attribute__((warn_unused_result));

/* user_id and username of a body; absent: it has none. */
void rooms_call_user(struct call_peer *peer, struct slice body, char **scratch,
		     struct foreign_person *out);

/* The code of an error that came; absent: none. *words: in the server's own; absent: none. */
struct slice rooms_call_error(struct call_peer *peer, const struct call_result *result,
			      struct slice *words);

/* Its reason; by the status, where it is none of ours. */
enum reason rooms_call_reason(struct slice code, unsigned status);

/* Appends "?key=KEY". */
void rooms_call_put_key(struct json_writer *w, const struct rooms_link *link);

/* A message of ourselves was heard: what went before it had its answer, unless it is a message. */
void rooms_call_echoed(struct rooms_link *link, struct slice text);

/* We are in the room: no error is about entering it. */
void rooms_call_entered(struct rooms_link *link);

/* An error came in the socket. */
void rooms_call_failed(struct call_peer *peer, enum reason reason, struct slice words,
		       struct call_sink *sink);

/* folk_tell() of frames. */
bool rooms_call_tell(struct call_peer *peer, struct slice frame, struct call_sink *sink,
		     bool anyway);

/* Asks for somebody's name, unless it is known or asked for. */
void rooms_call_ask(struct call_peer *peer, struct slice id, struct call_sink *sink);

/* ---- codec_calls, see codecs/calls.h ---- */
enum call_step rooms_call_plan(struct call_peer *peer, const struct call_result *previous,
			       struct call_plan *plan, struct call_sink *sink);
bool rooms_call_room_allowed(struct slice room, const char **why);
void rooms_call_open(struct call_peer *peer, struct call_sink *sink);
enum reason rooms_call_hear(struct call_peer *peer, struct slice text, struct call_sink *sink);
enum codec_status rooms_call_say(struct call_peer *peer, const struct call_said *said,
				 struct call_out *out, enum reason *why);

#endif
