#include "conf/read/nearest.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits that turn a into b: a letter more, less, changed, or two neighbours swapped. Capitals
 * cost nothing. Both at most WORD_MAX long. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *here = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		here[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;

			here[j] = least(above[j] + 1, here[j - 1] + 1);
			here[j] = least(here[j], above[j - 1] + change);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				here[j] = least(here[j], before[j - 2] + 1);
		}
		before = above;
		above = here;
		here = spare;
	}
	return above[b_len];
}

/* One slip for every three letters: a guess farther off than that only confuses. */
static size_t tolerance(size_t len)
{
	return len / 3;
}

const char *conf_nearest(const char *word, const char *const *candidates)
{
	size_t word_len = word ? strlen(word) : 0, best = WORD_MAX + 1;
	const char *nearest = NULL;

	if (word_len == 0 || word_len > WORD_MAX || !candidates)
		return NULL;
	for (; *candidates; candidates++) {
		size_t len = strlen(*candidates), edits;

		if (len == 0 || len > WORD_MAX)
			continue;
		edits = distance(word, word_len, *candidates, len);
		if (edits < best && edits < len && edits <= tolerance(least(len, word_len))) {
			best = edits;
			nearest = *candidates;
		}
	}
	return nearest;
}
