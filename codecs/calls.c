#include "codecs/calls.h"

#include <stdio.h>
#include <string.h>

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void call_put_escaped(struct json_writer *w, struct slice text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		char escaped[3] = { '%', digits[byte >> 4], digits[byte & 15] };

		if (is_unreserved(text.data[i]))
			json_put_literal(w, &text.data[i], 1);
		else
			json_put_literal(w, escaped, sizeof(escaped));
	}
}

void call_put_bearer(struct call_request *request, struct slice token)
{
	json_put_literal(&request->authorization, "Bearer ", 7);
	json_put_literal(&request->authorization, token.data, token.len);
}

/* Bits that wait until there are six of them. */
struct sextets {
	struct json_writer *w;
	uint32_t bits;
	unsigned count;
};

static void put_sextet(struct sextets *out, uint32_t value)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	json_put_literal(out->w, &digits[value & 63], 1);
}

static void put_sextets(struct sextets *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		out->bits = out->bits << 8 | (unsigned char)bytes.data[i];
		out->count += 8;
		for (; out->count >= 6; out->count -= 6)
			put_sextet(out, out->bits >> (out->count - 6));
	}
}

void call_put_basic(struct json_writer *authorization, struct slice user, struct slice secret)
{
	struct sextets out = { .w = authorization };

	json_put_literal(authorization, "Basic ", 6);
	put_sextets(&out, user);
	put_sextets(&out, SLICE(":"));
	put_sextets(&out, secret);
	if (out.count == 0)
		return;
	put_sextet(&out, out.bits << (6 - out.count));
	json_put_literal(authorization, "==", out.count == 2 ? 2 : 1);
}

enum reason call_status_reason(unsigned status)
{
	if (status >= 200 && status < 300)
		return REASON_NONE;
	if (status == 0 || status >= 500)
		return REASON_NO_ANSWER;
	switch (status) {
	case 401:
	case 403: return REASON_BAD_LOGIN;
	case 404: return REASON_UNKNOWN_ROOM;
	case 429: return REASON_RATE_LIMITED;
	default: return REASON_REFUSED;
	}
}

struct slice call_words(const struct call_peer *peer, enum reason reason, unsigned status,
			struct slice words)
{
	static const char format[] = "It answered with the status %u";

	if (words.len)
		return words;
	if (status == 0 || (reason != REASON_NO_ANSWER && reason != REASON_REFUSED))
		return (struct slice){ NULL, 0 };
	if (status >= 200 && status < 300)
		return SLICE("Its answer cannot be read");
	return slice_span(peer->scratch, (size_t)snprintf(peer->scratch, 64, format, status));
}

struct slice call_why(enum reason reason, struct slice text)
{
	if (text.len)
		return text;
	if (reason == REASON_NO_ANSWER)
		return SLICE("That server does not answer");
	if (reason == REASON_BUSY)
		return SLICE("Too much waits for that server");
	return slice_of(reason_text(reason));
}

void call_put_socket_url(struct json_writer *w, const struct call_account *account,
			 struct slice path)
{
	struct slice url = account->url;
	size_t end = 0, slashes = 0;

	/* "http" becomes "ws", and so "https" "wss"; what follows the host goes. */
	while (end < url.len && slashes < 3) {
		slashes += url.data[end] == '/';
		end += slashes < 3;
	}
	json_put_literal(w, "ws", 2);
	if (end > 4)
		json_put_literal(w, url.data + 4, end - 4);
	json_put_literal(w, path.data, path.len);
}
