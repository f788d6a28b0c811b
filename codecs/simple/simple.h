/* simple.h - what the files of the simple codec share. Nothing outside codecs/simple includes it.
 *
 * codec.c  the table, and the server's side     calls.c  the client's side
 * carries.c  what of each event is carried */
#ifndef CODECS_SIMPLE_SIMPLE_H
#define CODECS_SIMPLE_SIMPLE_H

#include "codecs/calls.h"
#include "codecs/carries.h"
#include "codecs/words.h"

extern const struct codec_calls simple_calls;     /* calls.c */
extern const struct carries_row simple_carries[]; /* carries.c */
extern const struct codec_words simple_words;     /* words.c */

#endif
