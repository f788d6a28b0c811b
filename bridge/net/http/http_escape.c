#include "bridge/net/http/http_escape.h"

static int hex(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = (char)(byte | 0x20);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool is_control(char byte)
{
	return (unsigned char)byte < ' ' || byte == 0x7f;
}

static bool is_escaped(struct slice text, bool plus)
{
	return text.len > 0 &&
	       (memchr(text.data, '%', text.len) || (plus && memchr(text.data, '+', text.len)));
}

/* The byte at *at, which is moved behind it; below zero when it is no escape. */
static int read_byte(struct slice text, size_t *at, bool plus)
{
	char byte = text.data[*at];
	int high, low;

	if (byte != '%') {
		++*at;
		return plus && byte == '+' ? ' ' : (unsigned char)byte;
	}
	if (text.len - *at < 3)
		return -1;
	high = hex(text.data[*at + 1]);
	low = hex(text.data[*at + 2]);
	*at += 3;
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

enum http_escape http_unescape(struct slice text, bool plus, char *scratch, struct slice *out)
{
	enum http_escape found = HTTP_PLAIN;
	size_t len = 0, at = 0;

	if (is_escaped(text, plus)) {
		while (at < text.len) {
			int byte = read_byte(text, &at, plus);

			if (byte < 0)
				return HTTP_BROKEN;
			scratch[len++] = (char)byte;
		}
		text = slice_span(scratch, len);
	}
	for (size_t i = 0; i < text.len; i++)
		if (is_control(text.data[i]))
			found = HTTP_CONTROL;
	*out = text;
	return found;
}
