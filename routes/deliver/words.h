/* words.h - the sentences of the bridge: what it says of an event where a dialect has no word for
 * it, or none that tells all. All of them are here; who is told which: shown.h.
 *
 * Names of people and rooms stand between quotation marks in what the bridge says, and wherever
 * another person is named. No person can say such a sentence: to clients it comes from nobody, or
 * from the one whose name and number nobody else gets; where a relay says it for the server,
 * without a name before it, a quotation mark, which no name has, stands before its first ": ". What
 * people wrote stands in a sentence as one line, and mostly between quotation marks. */
#ifndef ROUTES_DELIVER_WORDS_H
#define ROUTES_DELIVER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/codec.h"
#include "codecs/model/envelope.h"
#include "codecs/text/slice.h"

#define WORDS_MAX       4096 /* bytes of a sentence beside the text that people wrote */
#define WORDS_QUOTE_MAX 60   /* bytes quoted of a message that an event is about */

enum words {
	WORDS_NOTICE,  /* the bridge tells everybody: '"ann" cleared the messages' */
	WORDS_SUBJECT, /* the bridge tells the one concerned: 'You were kicked by "ann": spam' */
	WORDS_ACTION,  /* what the author does, behind their name: "reacted 😂" */
	WORDS_TEXT     /* the author says it: "* corrected text" */
};

/* Can an event of that kind be said so at all? */
bool words_exist(enum envelope_kind kind, enum words words);

/* The words for an event. room: the view of its room, which tells by which id a dialect knows that;
 * may be NULL. Returns true and new in *text (free()), or false when there is nothing to say. */
bool words_make(const struct envelope *event, enum words words, const struct codec_view *room,
		struct slice *text) __attribute__((warn_unused_result));

#endif
