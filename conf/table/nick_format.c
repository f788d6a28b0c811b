#include "conf/table/nick_format.h"

#include <string.h>

const char *const nick_field_names[NICK_FIELDS + 1] = {
	[NICK_NAME] = "name",     [NICK_DIALECT] = "dialect", [NICK_ROOM] = "room",
	[NICK_NUMBER] = "number", [NICK_ROLES] = "roles",     [NICK_FIELDS] = NULL,
};

static enum nick_field field_of(const char *name, size_t len)
{
	enum nick_field which = 0;

	while (which < NICK_FIELDS && (strlen(nick_field_names[which]) != len ||
				       memcmp(nick_field_names[which], name, len) != 0))
		which++;
	return which;
}

/* The length of what stands in the braces that begin at text; 0: none do. */
static size_t braced(const char *text)
{
	size_t len = text[0] == '{' ? strcspn(text + 1, "{}") : 0;

	return len > 0 && text[len + 1] == '}' ? len : 0;
}

bool nick_format_next(const char **at, struct nick_part *part)
{
	const char *text = *at;
	size_t len = braced(text);

	if (text[0] == '\0')
		return false;
	if (len > 0) {
		*part = (struct nick_part){ text + 1, len, true, field_of(text + 1, len) };
		*at = text + len + 2;
		return true;
	}
	do
		len++;
	while (text[len] && !braced(text + len));
	*part = (struct nick_part){ text, len, false, NICK_FIELDS };
	*at = text + len;
	return true;
}
