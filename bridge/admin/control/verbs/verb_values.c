#include "bridge/admin/control/verbs/verb_values.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "conf/table/directives.h"
#include "conf/table/network.h"
#include "conf/table/shape.h"

#define TEXT_BYTES_MAX 4096
#define NAME_BYTES     64
#define PERSON_MAX     2147483646
#define AMOUNT_MAX     1000000
#define ACCOUNT_MAX    499999999 /* above are those that accounts get by themselves */
#define DAYS_MAX       36500
#define PATH_BYTES     4000
#define DAY_MS         UINT64_C(86400000)

static bool is_number(const char *text, uint64_t max)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && len <= 10 && text[len] == '\0' && text[0] != '0' &&
	       strtoull(text, NULL, 10) <= max;
}

static const char *person_fault(const char *text)
{
	if (text[0] == '#')
		return is_number(text + 1, PERSON_MAX) ? NULL : "is not a number like #7";
	return *text && strlen(text) <= NAME_BYTES ? NULL : "is not a name of 1 to 64 bytes";
}

static const char *target_fault(const char *text)
{
	struct network network;

	if (network_read(text, strlen(text), &network))
		return NULL;
	if (strchr(text, '/') && !strchr(text, ' '))
		return "is not a network: 192.0.2.0/24 has no bits behind its length";
	return person_fault(text);
}

static const char *name_fault(const char *text)
{
	if (text[0] == '#')
		return "begins with #, as a number does";
	return person_fault(text);
}

/* Those of a room, banned and muted, are given there. */
static bool is_standing(const char *text)
{
	uint32_t role = person_role_find(slice_of(text));

	return role && !(role & (ROLE_BANNED | ROLE_MUTED));
}

static bool is_change(const char *text)
{
	return (text[0] == '+' || text[0] == '-') && is_standing(text + 1);
}

static uint64_t unit_ms(char unit)
{
	switch (unit) {
	case 's': return 1000;
	case 'm': return 60000;
	case 'h': return 3600000;
	case 'd': return DAY_MS;
	default: return 0;
	}
}

uint64_t verb_duration_ms(const char *text)
{
	char *end;
	uint64_t count = strtoull(text, &end, 10);

	return count * unit_ms(*end);
}

static bool is_duration(const char *text)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 9 || unit_ms(text[len]) == 0 || text[len + 1] != '\0')
		return false;
	return verb_duration_ms(text) > 0 && verb_duration_ms(text) <= DAYS_MAX * DAY_MS;
}

static bool is_id(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && len <= 16 && text[len] == '\0' && text[0] != '0' &&
	       strtoull(text, NULL, 10) <= NUMBER_MAX;
}

static bool is_uuid(const char *text)
{
	unsigned char uuid[16];

	return uuid_parse(slice_of(text), uuid);
}

static bool is_level(const char *text)
{
	for (const char *const *level = directives_levels; *level; level++)
		if (strcmp(text, *level) == 0)
			return true;
	return false;
}

const char *verb_value_fault(enum verb_value value, const char *text)
{
	if (!shape_printable(text))
		return "is not text without control characters";
	switch (value) {
	case VALUE_PERSON: return person_fault(text);
	case VALUE_TARGET: return target_fault(text);
	case VALUE_ROOM: return *text && strlen(text) <= NAME_BYTES ? NULL : "is not a room's name";
	case VALUE_UPSTREAM:
		return *text && strlen(text) <= NAME_BYTES ? NULL : "is not an upstream's name";
	case VALUE_DURATION:
		return is_duration(text) ? NULL : "is not a duration like 90s, 15m, 2h or 7d";
	case VALUE_LEVEL:
		return is_level(text) ? NULL : "is not error, warning, info, debug or trace";
	case VALUE_ROLE:
		if ((text[0] == '+' || text[0] == '-') && person_role_find(slice_of(text + 1)))
			return NULL;
		return "is not a role with + or -, like +mod";
	case VALUE_AMOUNT:
		return strcmp(text, "0") == 0 || is_number(text, AMOUNT_MAX)
			   ? NULL
			   : "is not a number from 0 to 1000000";
	case VALUE_NAME: return name_fault(text);
	case VALUE_NUMBER:
		return is_number(text, ACCOUNT_MAX) ? NULL : "is not a number from 1 to 499999999";
	case VALUE_STANDING: return is_standing(text) ? NULL : "is not a role of accounts";
	case VALUE_CHANGE:
		return is_change(text) ? NULL : "is not a role of accounts with + or -, like +mod";
	case VALUE_TEXT:
		if (strlen(text) > TEXT_BYTES_MAX)
			return "is longer than 4096 bytes";
		return *text ? NULL : "is empty";
	case VALUE_ID: return is_id(text) ? NULL : "is not the id of a message";
	case VALUE_MESSAGE:
		return is_id(text) || is_uuid(text) ? NULL : "is not the id of a message";
	case VALUE_COUNT:
		return is_number(text, VERB_COUNT_MAX) ? NULL : "is not a number from 1 to 1000";
	case VALUE_FILE:
		return *text && strlen(text) <= PATH_BYTES ? NULL : "is not the name of a file";
	case VALUE_YES: return NULL;
	}
	return NULL;
}
