#include "bridge/net/http/http_chars.h"

/* clang-format off */
const unsigned char http_classes[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	2, 7, 6, 3, 7, 7, 7, 7, 6, 6, 7, 7, 6, 15, 15, 6, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 6, 6, 6, 6, 6,
	6, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 6, 6, 7, 15,
	7, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 7, 6, 15, 0,
	6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
	6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
	6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
	6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
};
/* clang-format on */

struct slice http_trimmed(struct slice text)
{
	while (text.len > 0 && http_is_blank(text.data[0]))
		text = slice_span(text.data + 1, text.len - 1);
	while (text.len > 0 && http_is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

static char small(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

bool http_same(struct slice text, const char *lower)
{
	for (size_t i = 0; i < text.len; i++)
		if (lower[i] == '\0' || small(text.data[i]) != lower[i])
			return false;
	return lower[text.len] == '\0';
}

bool http_list_next(struct slice *rest, struct slice *item)
{
	while (rest->len > 0) {
		const char *comma = memchr(rest->data, ',', rest->len);
		size_t len = comma ? (size_t)(comma - rest->data) : rest->len;
		size_t taken = comma ? len + 1 : len;

		*item = http_trimmed(slice_span(rest->data, len));
		*rest = slice_span(rest->data + taken, rest->len - taken);
		if (item->len > 0)
			return true;
	}
	return false;
}
