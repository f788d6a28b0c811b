/* unicode.h - what Unicode says of characters and texts; its .c is the one file that knows ICU.
 *
 * Texts are short: names, and what people react with. Longer ones than UNICODE_TEXT_MAX bytes are
 * not looked at. */
#ifndef CODECS_TEXT_UNICODE_H
#define CODECS_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define UNICODE_TEXT_MAX 256

enum unicode_class {
	UNICODE_SHOWN,
	UNICODE_WHITE,     /* blanks and line ends of every kind */
	UNICODE_JOINER,    /* zero width joiner and non-joiner */
	UNICODE_UNSEEN,    /* control, format, private, default-ignorable (reserved ones, too) */
	UNICODE_UNASSIGNED /* none of these, and no character (yet) */
};

/* The character at text.data[*at], which then is the place of the next; negative when that is not
 * UTF-8. *at must be below text.len. */
int32_t unicode_next(struct slice text, size_t *at);

enum unicode_class unicode_class(int32_t point);

/* Does a script need this joiner between these characters of kept text? RFC 5892, appendix A: after
 * a virama; the non-joiner also between letters that else join. before: the text so far. */
bool unicode_joiner_fits(int32_t joiner, struct slice before, struct slice after);

/* Each writes another form of text (UTF-8) to out, which has size bytes, and returns its length; 0
 * for what is empty, too long, not UTF-8, or does not fit. */
size_t unicode_compose(struct slice text, char *out, size_t size);  /* NFC */
size_t unicode_plain(struct slice text, char *out, size_t size);    /* NFKC */
size_t unicode_fold(struct slice text, char *out, size_t size);     /* NFKC_Casefold */
size_t unicode_skeleton(struct slice text, char *out, size_t size); /* UTS 39 */

/* The same without marks that stand apart (after NFC) behind a Latin, Greek or Cyrillic letter, or
 * a sign of no script. */
size_t unicode_strip_marks(struct slice text, char *out, size_t size);

/* Is it what a reader takes for one character (a grapheme cluster), beginning with one that is
 * shown, and of no more than UNICODE_CLUSTER_MAX? */
#define UNICODE_CLUSTER_MAX 12 /* a family of four with skin tones has 11 */
bool unicode_is_cluster(struct slice text);

/* Does one of those end at that place of a text (UTF-8, of any length; at its end, or where a
 * character begins), or begin it? False: what stands there belongs to what stands before it. */
bool unicode_ends(struct slice text, size_t at);

/* How many bytes of a text (UTF-8, of any length) are its first part of at most so many UTF-16
 * units, at least 2: up to white space near its end, else up to where a character begins as a
 * reader sees it. All of a text that is short enough. */
size_t unicode_part(struct slice text, size_t units);

/* The beginning of a text (UTF-8, of any length) of at most so many bytes: up to where a character
 * begins as a reader sees it, or, where the first is longer than that, up to any. */
struct slice unicode_clip(struct slice text, size_t len);

#endif
