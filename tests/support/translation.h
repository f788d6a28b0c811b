/* translation.h - both ends of a dialect, put together: what clients are shown is heard as from a
 * server, what is said to a server is read as from a client. The codec's own functions, no network.
 *
 * Shared by the tests of what dialects carry. Asserts with cmocka. */
#ifndef TESTS_SUPPORT_TRANSLATION_H
#define TESTS_SUPPORT_TRANSLATION_H

#include "codecs/calls.h"
#include "tests/support/call_probe.h"
#include "tests/support/random_event.h"

#define SEEN_MOST    64
#define SCRATCH_SIZE 65536

struct translation {
	struct call_sink sink; /* first: a door finds its translation by it */
	const struct codec *codec;
	struct call_probe serving; /* its room has PROBE_NUMBER, PROBE_ROOM */
	struct call_account account;
	struct call_peer calling;
	const struct cast_person *cast;
	char scratch[SCRATCH_SIZE], self_id[FOREIGN_ID_MAX], self_name[FOREIGN_ID_MAX];
	/* What show() or say() wrote last: whole messages, or a request and its body. */
	struct json_writer bytes;
	size_t ends[SEEN_MOST];
	size_t messages;
	enum call_method method;
	bool request;
	/* What hear() or read() found, sealed. */
	struct envelope *seen[SEEN_MOST];
	size_t seen_count;
	/* Requests that were asked for, not answered yet. */
	char asked[16][160];
	uint32_t asked_tags[16];
	size_t asked_count;
};

/* The keys of all are the same, so that ids are. */
void translation_open(struct translation *t, const struct codec *codec,
		      const struct cast_person *cast);
void translation_close(struct translation *t);

/* serves->encode. False: nothing is shown. */
bool translation_show(struct translation *t, const struct envelope *event, enum audience audience);

/* The same of whatever frame (borrows). NULL: nothing. */
bool translation_take(struct translation *t, const struct frame *frame);

/* calls->decode of what was shown. The event of that case, as far as it was heard; else whatever
 * was heard first; NULL: nothing was. Where it was heard as somebody's leaving, or as deletions,
 * they are its subject, and what it removed. Borrows until the next call. */
const struct envelope *translation_hear(struct translation *t, enum event_case of);

/* What has to be heard before such an event, so that it is one: who leaves is there. */
void translation_prepare(struct translation *t, const struct envelope *event);

/* calls->say. False: nothing is said. */
bool translation_say(struct translation *t, const struct envelope *event);

/* serves->decode of what was said, or the handler of the HTTP request. The same; NULL: it is
 * refused. */
const struct envelope *translation_read(struct translation *t, enum event_case of);

#endif
