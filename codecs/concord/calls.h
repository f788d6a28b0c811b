/* calls.h - the parts of concord's calling side (codecs/calls.h). For codecs/concord only.
 *
 * calls_table.c  the table, what requests brought   calls_plan.c  the login
 * calls_hear.c   what comes in the socket           calls_say.c   how something is said, and
 *                                                                 whether it was taken
 * calls_history.c  what was said before */
#ifndef CODECS_CONCORD_CALLS_H
#define CODECS_CONCORD_CALLS_H

#include "codecs/calls_read.h"
#include "codecs/concord/concord.h"
#include "codecs/folk.h"

#define LONG_TEXT_MAX 20 /* bytes of an int64 */

/* What requests are for. */
enum call_tag {
	TAG_TOKEN = 1,
	TAG_SELF,
	TAG_USERS,
	TAG_CHANNELS,
	TAG_SERVER,
	TAG_SAY,
	TAG_HISTORY,
	TAG_PERSON /* and more: what folk_ask() said is added */
};

/* An id there, as text: they are Java longs. */
struct long_text {
	char text[LONG_TEXT_MAX];
	size_t len; /* 0: none */
};

struct concord_link {
	char *token; /* owned; NULL: none yet */
	size_t token_len;
	struct long_text self, channel;
	struct folk folk;
	uint64_t beats;   /* heartbeats that we sent, and did not get back */
	uint32_t history; /* so many messages were asked for */
	char *late;       /* owned: what was told, until its authors' names are there; NULL: none */
	size_t late_len;
	uint64_t late_since_ms;
};

static inline struct slice long_slice(const struct long_text *text)
{
	return text->len ? slice_span(text->text, text->len) : (struct slice){ NULL, 0 };
}

/* A text of at most LONG_TEXT_MAX digits that is a positive int64, as ids are. */
bool concord_is_id(struct slice text);

/* A member that is an id, as lenient as concord_read_long(), its text in *scratch, which is moved
 * behind it; absent: it is none, or not positive. False: it cannot be read. */
bool concord_call_id(const struct json_object *object, const char *name, char **scratch,
		     struct slice *id) __attribute__((warn_unused_result));

/* A person of the REST interface. *id absent: it is none. */
struct concord_user {
	struct slice id, name;
	bool online;
};
void concord_call_user(struct call_peer *peer, struct json_value user, char **scratch,
		       struct concord_user *out);

/* "/channels/5/chats" behind where the server has its interface. */
void concord_call_path(struct json_writer *w, const struct call_peer *peer, const char *path);

/* A request with the token. */
void concord_call_request(struct call_request *request, const struct call_peer *peer,
			  enum call_method method, uint32_t tag);

/* The server's own words in a refusal; absent: none. */
struct slice concord_call_words(struct call_peer *peer, const struct call_result *result);

/* Whatever an array of chats has, oldest first, as history; once its authors' names are known. */
void concord_call_history(struct call_peer *peer, const struct call_result *result,
			  struct call_sink *sink);

/* A name came, or will not. */
void concord_call_history_named(struct call_peer *peer, struct call_sink *sink);

/* Forgets what waits. */
void concord_call_history_drop(struct concord_link *link);

/* Of a chat of the history (checked): asks for the author's name, unless it is known. True: it may
 * still come. */
bool concord_call_awaits(struct call_peer *peer, struct json_value chat, struct call_sink *sink);

/* Tells of it. False: it is none. */
bool concord_call_tell_late(struct call_peer *peer, struct json_value chat, struct call_sink *sink);

/* folk_tell() of frames. */
bool concord_call_tell(struct call_peer *peer, struct slice frame, struct call_sink *sink,
		       bool anyway);

/* ---- codec_calls, see codecs/calls.h ---- */
enum call_step concord_call_plan(struct call_peer *peer, const struct call_result *previous,
				 struct call_plan *plan, struct call_sink *sink);
enum reason concord_call_hear(struct call_peer *peer, struct slice text, struct call_sink *sink);
enum codec_status concord_call_say(struct call_peer *peer, const struct call_said *said,
				   struct call_out *out, enum reason *why);
void concord_call_settle(struct call_peer *peer, const struct call_said *said,
			 const struct call_result *result, struct call_sink *sink);

#endif
