#include "codecs/text/quote.h"

#include <string.h>

#include "codecs/text/name.h"
#include "codecs/text/unicode.h"

#define VARIATION_FIRST 0xfe00 /* which form of a character: of text, or an emoji */
#define VARIATION_LAST  0xfe0f

static bool is_kept(int32_t point)
{
	enum unicode_class class = unicode_class(point);

	return class == UNICODE_SHOWN || class == UNICODE_JOINER || class == UNICODE_UNASSIGNED ||
	       (point >= VARIATION_FIRST && point <= VARIATION_LAST);
}

/* A quotation mark, or the second half of one, in what is quoted. */
static bool is_inner_quote(int32_t point, bool apostrophe)
{
	return text_is_quote(point) || (apostrophe && text_is_apostrophe(point));
}

static size_t line_write(struct slice text, char *out, bool quoted)
{
	bool space = false, apostrophe = false;
	size_t len = 0;

	for (size_t at = 0; at < text.len;) {
		size_t start = at;
		int32_t point = unicode_next(text, &at);
		bool mark;

		if (point >= 0 && unicode_class(point) == UNICODE_WHITE)
			space = len > 0;
		if (point < 0 || !is_kept(point))
			continue;
		mark = quoted && is_inner_quote(point, apostrophe && !space);
		if (mark && apostrophe && !space)
			continue;
		if (space)
			out[len++] = ' ';
		space = false;
		apostrophe = mark || text_is_apostrophe(point);
		if (mark) {
			out[len++] = '\'';
			continue;
		}
		memcpy(out + len, text.data + start, at - start);
		len += at - start;
	}
	return len;
}

size_t quote_line(struct slice text, char *out)
{
	return line_write(text, out, false);
}

size_t quote_text(struct slice text, char *out)
{
	size_t len;

	out[0] = '"';
	len = 1 + line_write(text, out + 1, true);
	out[len++] = '"';
	return len;
}

static bool is_named(struct slice text)
{
	if (text.len < 3 || text.data[0] != ':' || text.data[text.len - 1] != ':')
		return false;
	for (size_t i = 1; i < text.len - 1; i++) {
		char byte = text.data[i];

		if (!((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
		      (byte >= 'a' && byte <= 'z') || (byte && strchr("_+-", byte))))
			return false;
	}
	return true;
}

bool quote_is_reaction(struct slice text)
{
	return text.len <= REACTION_BYTES_MAX && (is_named(text) || unicode_is_cluster(text));
}
