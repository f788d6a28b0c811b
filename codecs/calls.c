#include "codecs/calls.h"

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
