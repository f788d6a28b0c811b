/* quote.h - what people wrote, made fit to stand in a sentence of the bridge: nobody may make it
 * say what it does not. */
#ifndef CODECS_TEXT_QUOTE_H
#define CODECS_TEXT_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"

#define REACTION_BYTES_MAX 64

/* Writes text (UTF-8) as one line to out, at most text.len bytes; returns how many. Line ends and
 * runs of blanks become one space, none at the ends; what cannot be seen (control, bidirectional)
 * falls out, but for what joins or varies characters. */
size_t quote_line(struct slice text, char *out);

/* The same between quotation marks (""), those inside as apostrophes: at most text.len + 2 bytes.
 * Who reads it sees where it begins and ends. */
size_t quote_text(struct slice text, char *out);

/* Is it a valid reaction? One character as a reader sees it, shown (an emoji of several
 * parts is one), or a name between colons, as in ":+1:", of letters, digits and "_+-". At most
 * REACTION_BYTES_MAX bytes. */
bool quote_is_reaction(struct slice text);

#endif
