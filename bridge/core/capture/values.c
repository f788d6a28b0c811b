#include "bridge/core/capture/values.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "codecs/model/envelope.h"
#include "codecs/text/reason.h"
#include "codecs/words.h"

#define ID_DIGITS       20
#define DURATION_DIGITS 7

static bool ends_with(struct slice name, const char *end)
{
	size_t len = strlen(end);

	return name.len >= len && strncasecmp(name.data + name.len - len, end, len) == 0;
}

bool values_are_secret(struct slice member)
{
	return ends_with(member, "key") || ends_with(member, "token") ||
	       ends_with(member, "secret") || ends_with(member, "password") ||
	       ends_with(member, "authorization");
}

/* ---- values ---- */

static bool is_role(struct slice text)
{
	char folded[16] = "";

	for (size_t i = 0; i < text.len && i + 1 < sizeof(folded); i++)
		folded[i] = (char)tolower((unsigned char)text.data[i]);
	return text.len < sizeof(folded) && person_role_find(slice_of(folded)) != 0;
}

static bool is_status(struct slice text)
{
	static const char *const words[] = { "ONLINE", "AWAY", "DO_NOT_DISTURB", "OFFLINE", NULL };

	return words_have(words, text);
}

static bool is_reason(struct slice text)
{
	for (int r = 1; r < REASONS; r++)
		if (slice_is(text, reason_code((enum reason)r)))
			return true;
	return slice_is(text, "malformed_payload");
}

static size_t digits_of(struct slice text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] >= '0' && text.data[len] <= '9')
		len++;
	return len;
}

bool values_say_duration(struct slice text)
{
	size_t digits = digits_of(text);

	return digits > 0 && digits <= DURATION_DIGITS &&
	       (digits == text.len ||
		(digits + 1 == text.len && strchr("smhd", text.data[digits])));
}

bool values_are_given(struct slice member, struct slice text)
{
	if (ends_with(member, "roles"))
		return is_role(text);
	if (slice_is(member, "durationString"))
		return values_say_duration(text);
	if (slice_is(member, "status"))
		return is_status(text);
	if (slice_is(member, "error"))
		return is_reason(text);
	return ends_with(member, "id") && text.len > 0 && text.len <= ID_DIGITS &&
	       digits_of(text) == text.len;
}
