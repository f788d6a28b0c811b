/* pattern.h - text patterns of the operator's: Perl's regular expressions (PCRE2), found anywhere
 * in a text, with bounded work. The only file that knows the library. Pure.
 *
 * The library's own limits do not bound the time of a search: they start anew at each place of
 * the text, and do not count what a repeated character costs (`\w*[!?]` takes minutes in 64 KiB
 * of one letter without touching them). So each step of a search is counted here, and one that
 * takes too many gives up: after a few milliseconds, whatever the pattern and the text. */
#ifndef ROUTES_RULES_PATTERN_H
#define ROUTES_RULES_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"

#define PATTERN_BYTES_MAX 4096 /* of a pattern */
#define PATTERN_NEST_MAX  64   /* parentheses in parentheses */
#define PATTERN_WHY_MAX   192  /* bytes of why a pattern is refused, with its NUL */

enum pattern_verdict {
	PATTERN_ABSENT, /* nowhere in the text */
	PATTERN_FOUND,
	PATTERN_GAVE_UP /* not found before a limit was reached */
};

struct pattern;

/* Compiles text (UTF-8; borrowed for the call), with Unicode's idea of letters and digits. \C is
 * not taken, nor what is longer or deeper than the limits. Returns new, or NULL with why
 * (NUL-terminated). What it returns is never changed: any thread may search with it. */
struct pattern *pattern_new(struct slice text, char why[PATTERN_WHY_MAX]);

/* NULL is ignored. */
void pattern_free(struct pattern *pattern);

/* What one thread needs to search with any number of patterns, one after the other. */
struct pattern_search;

/* Returns new. */
struct pattern_search *pattern_search_new(void);

/* NULL is ignored. */
void pattern_search_free(struct pattern_search *search);

/* Looks for pattern in text, which must be UTF-8 and may hold NUL bytes. Borrows all. The same
 * pattern and text have the same verdict each time. (Where the process may make no machine code,
 * searches are slower, and may give up on other texts.) */
enum pattern_verdict pattern_find(const struct pattern *pattern, struct pattern_search *search,
				  struct slice text);

#endif
