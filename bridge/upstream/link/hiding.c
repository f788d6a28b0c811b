#include "bridge/upstream/link/hiding.h"

#include <string.h>

#include "codecs/calls.h"

#define SECRET_LEN_MIN 4

static void hide(char *text, struct slice what)
{
	char *at = text;

	while ((at = memmem(at, strlen(at), what.data, what.len))) {
		memset(at, '*', what.len);
		at += what.len;
	}
}

void upstream_hide(char *text, struct slice secret)
{
	struct json_writer escaped;

	if (secret.len < SECRET_LEN_MIN)
		return;
	hide(text, secret);
	json_start(&escaped, 0, 64);
	call_put_escaped(&escaped, secret);
	hide(text, slice_span(escaped.data, escaped.len));
	explicit_bzero(escaped.data, escaped.len);
	json_clear(&escaped);
}
