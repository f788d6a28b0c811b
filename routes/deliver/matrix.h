/* matrix.h - what comes of an event of each case on its way from one dialect to another: composed
 * of what the codecs claim to carry (codecs/carries.h), and of what is said instead (shown.h,
 * words.h). Pure. Called by the command `matrix`. */
#ifndef ROUTES_DELIVER_MATRIX_H
#define ROUTES_DELIVER_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/carries.h"
#include "codecs/codec.h"

/* From where to where, by way of a room: clients of ours, or a server that we are a client of,
 * whose codec has calls. */
struct matrix_way {
	const struct codec *from, *to;
	bool from_server, to_server;
	bool subject;         /* to the one concerned, of what is done to somebody */
	const uint8_t *rules; /* of the room, for clients who speak `to`, as in codec_view; NULL: as
			       * the dialect has it */
};

enum matrix_form {
	MATRIX_OWN,    /* in the dialect's own words */
	MATRIX_TEXT,   /* as a message of who did it, or wrote it */
	MATRIX_WORDS,  /* as a sentence of the server */
	MATRIX_NOT,    /* not at all; counted */
	MATRIX_REFUSED /* not at all, and who says it is told */
};

struct matrix_event {
	bool arises; /* it can come from there: clients say it or do it, or the room makes it of
		      * that; the server tells of it */
	enum carry source;     /* how */
	enum matrix_form form; /* what it is there, wherever it came from */
	enum carry carry;      /* MATRIX_OWN: as what */
	bool words;            /* MATRIX_OWN: and a sentence beside it, or before it */
	bool reason;           /* ... which only tells the reason, where there is one */
	bool again;      /* MATRIX_TEXT: in the place of what it is about, which is taken away */
	const char *why; /* MATRIX_NOT, _REFUSED: constant; else NULL */
};

struct matrix_field {
	enum carried carried;
	bool said;       /* there is something to carry: it is said there, or the room knows it */
	const char *how; /* by which rule, or why not. Constant */
};

struct matrix_event matrix_event(const struct matrix_way *way, enum event_case of);

/* Of a case that arises and is shown. */
struct matrix_field matrix_field(const struct matrix_way *way, enum event_case of,
				 enum event_field field);

/* In the dialect's own words, and nothing is lost of what is said there: who sees it is told it, or
 * can find it out by what they are told. */
bool matrix_is_whole(const struct matrix_way *way, enum event_case of);

/* Does the sentence for such an event, said as the rule has it, tell the field? */
bool matrix_words_tell(enum event_case of, enum event_field field, enum codec_rule rule);

#endif
