/* emote.h - emoticons that mixer's clients show as pictures, by their codes, and the emoji that say
 * the same to all others: one table, in emote.c.
 *
 * A code with a place has one on the built-in sheet, for which its emoji, typed elsewhere, stands,
 * too; no two codes have the same emoji. A code without a place is only known where a server says
 * where its picture is. */
#ifndef CODECS_MODEL_EMOTE_H
#define CODECS_MODEL_EMOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/model/envelope.h"
#include "codecs/text/slice.h"

#define EMOTE_PLACED_MAX 4  /* bytes of the longest code with a place */
#define EMOTE_EMOJI_MAX  6  /* and of the longest emoji */
#define EMOTES_MAX       64 /* of one text; further emoji stay text */

/* Is word (any text) a code with a place? Then part is it: PART_EMOTE, whose text is word. */
bool emote_find(struct slice word, struct part *part);

/* What a code says as an emoji; absent: there is none, and it says it itself. Constant. */
struct slice emote_emoji(struct slice code);

/* The next emoji from at on that stands for a code with a place, and is no part of a longer one.
 * alone: only where blanks are around it, as who types the code has to leave. Returns its place,
 * with *emoji its bytes in text, and *part the code, whose text is constant; text.len: there is
 * none. */
size_t emote_next(struct slice text, size_t at, bool alone, struct slice *emoji, struct part *part);

#endif
