/* name.h - names and typed text: cleaning for display, folding for comparison, lengths. */
#ifndef CODECS_TEXT_NAME_H
#define CODECS_TEXT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define NAME_BYTES_MAX  64  /* of a cleaned name */
#define NAME_FOLDED_MAX 256 /* of a folded name */

/* Writes name (UTF-8) to out without control, bidirectional, zero-width and other invisible
 * characters, but for joiners where a script needs them; without quotation marks like those the
 * bridge's sentences use; runs of white space as one space, none at the ends; NFC. Returns the
 * length, at most NAME_BYTES_MAX, or 0 when nothing is left, the text is not UTF-8, or it is too
 * long, or has characters that Unicode has not assigned. */
size_t name_clean(struct slice name, char out[NAME_BYTES_MAX]);

/* Writes the form two names are compared by: NFKC, case folded, default-ignorable removed. Names
 * that only look alike differ in it: see likeness.h. Returns its length, at most NAME_FOLDED_MAX,
 * or 0 for what is not UTF-8 or too long. */
size_t name_fold(struct slice name, char out[NAME_FOLDED_MAX]);

/* True when both fold to the same. */
bool name_same(struct slice a, struct slice b);

/* Does it look like the mark that sentences quote with ("), or like half of one? Two of the latter
 * in a row look like one of the former. */
bool text_is_quote(int32_t point);
bool text_is_apostrophe(int32_t point);

/* Length in UTF-16 units, what JavaScript calls .length. text must be UTF-8. */
size_t text_utf16_length(struct slice text);

/* The longest prefix of text that is at most len bytes and ends on a character boundary. */
struct slice text_clip(struct slice text, size_t len);

/* Is it well-formed UTF-8 (no surrogates, no overlong forms)? */
bool text_is_utf8(struct slice text);

/* Writes at most size-1 bytes of text to out with every byte outside printable ASCII, and quotes
 * and backslashes, as \xHH, ending in "..." when clipped, NUL-terminated. For logs: what a
 * client chose never reaches a terminal raw. Returns out. */
char *text_escape(struct slice text, char *out, size_t size);

#endif
