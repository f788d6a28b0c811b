#include "codecs/text/likeness.h"

#include <string.h>

#include "codecs/text/name.h"
#include "codecs/text/unicode.h"

#define ROUNDS_MAX 4

static struct slice look_of(const struct looks *looks, size_t i)
{
	return slice_span(looks->text[i], looks->len[i]);
}

/* The skeleton may have capitals again, and their small letters another skeleton: until neither
 * changes anything. Writes LOOK_BYTES_MAX bytes at most to out. */
static size_t look_settle(struct slice text, char *out)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = 0;

	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		size_t folded_len = name_fold(text, folded);

		if (len && slice_equal(slice_span(folded, folded_len), slice_span(out, len)))
			break;
		len = unicode_skeleton(slice_span(folded, folded_len), out, LOOK_BYTES_MAX);
		text = slice_span(out, len);
	}
	return len;
}

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return len > 0;
}

/* Some look like a letter as they are, others, as small or wide ones, when they are made plain.
 * Writes what has the skeleton of the letter. */
static size_t character_begin(struct slice character, char *out, size_t size)
{
	char plain[LOOK_BYTES_MAX], skeleton[LOOK_BYTES_MAX];
	struct slice as = slice_span(plain, unicode_plain(character, plain, sizeof(plain)));
	struct slice shown = character;

	if (!slice_equal(as, character)) {
		size_t len = unicode_skeleton(as, skeleton, sizeof(skeleton));

		if (is_ascii(skeleton, len))
			shown = slice_span(skeleton, len);
	}
	if (shown.len > size)
		return 0;
	memcpy(out, shown.data, shown.len);
	return shown.len;
}

static size_t look_begin(struct slice name, char out[LOOK_BYTES_MAX])
{
	size_t len = 0;

	for (size_t at = 0; at < name.len && len < LOOK_BYTES_MAX;) {
		struct slice character = slice_span(name.data + at, 0);

		if ((unsigned char)name.data[at] < 0x80) {
			out[len++] = name.data[at++];
			continue;
		}
		if (unicode_next(name, &at) < 0)
			return 0;
		character.len = (size_t)(name.data + at - character.data);
		len += character_begin(character, out + len, LOOK_BYTES_MAX - len);
	}
	return len;
}

/* Case first, or looks first: the capital of one letter may look like another whose small one does
 * not, and the other way round. */
void name_looks(struct slice name, struct looks *looks)
{
	char bare[LOOK_BYTES_MAX], begun[LOOK_BYTES_MAX], skeleton[LOOK_BYTES_MAX];
	size_t len;

	name = slice_span(bare, unicode_strip_marks(name, bare, sizeof(bare)));
	looks->len[0] = look_settle(name, looks->text[0]);
	len = look_begin(name, begun);
	len = unicode_skeleton(slice_span(begun, len), skeleton, sizeof(skeleton));
	looks->len[1] = look_settle(slice_span(skeleton, len), looks->text[1]);
}

/* ---- who speaks ---- */

/* As they look: an m looks like rn. */
static const char *const known_by[] = { "dragornan", "server", "sornebody", NULL };
static const char *const sentences[] = { "was",      "is",      "has",       "entered", "left",
					 "joined",   "banned",  "kicked",    "rnuted",  "deleted",
					 "rernoved", "cleared", "corrected", "reacted", "took",
					 "asks",     "invites", NULL };

static bool is_listed(struct slice word, const char *const *list)
{
	for (; *list; list++)
		if (slice_is(word, *list))
			return true;
	return false;
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (unsigned char)byte >= 0x80;
}

static bool look_speaks(struct slice look)
{
	bool several = look.len && memchr(look.data, ' ', look.len);

	for (size_t i = 0; i < look.len;) {
		size_t start = i;
		struct slice word;

		while (i < look.len && is_letter(look.data[i]))
			i++;
		word = slice_span(look.data + start, i - start);
		if (is_listed(word, known_by) || (several && is_listed(word, sentences)))
			return true;
		i += i < look.len;
	}
	return false;
}

bool name_speaks(struct slice name)
{
	struct looks looks;

	name_looks(name, &looks);
	return look_speaks(look_of(&looks, 0)) || look_speaks(look_of(&looks, 1));
}
