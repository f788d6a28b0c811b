#include "bridge/known.h"

#include <stdio.h>

#include "bridge/core/shows/shows.h"
#include "bridge/rules.h"
#include "bridge/service/credentials.h"
#include "codecs/calls.h"
#include "codecs/http.h"
#include "codecs/registry.h"
#include "routes/rules/pattern.h"

static const char *const role_names[] = { "user",  "pro",     "subscriber", "editor", "mod",
					  "staff", "founder", "owner",      NULL };

/* Of what people and backends do; what only a server we call could say is no rule's matter. */
static const char *const kind_names[] = { "message",   "edit",     "delete",      "clear",
					  "purge",     "reaction", "typing",      "read",
					  "enter",     "exit",     "invite",      "kick",
					  "timeout",   "presence", "user_update", "poll_start",
					  "poll_vote", "poll_end", "notice",      NULL };

_Static_assert(DIALECTS_MAX <= CONF_DIALECTS_MAX, "every dialect has its place in a room");

static const enum conf_naming forms[] = {
	[NAMING_NONE] = CONF_NAMING_NONE,
	[NAMING_NUMBER] = CONF_NAMING_NUMBER,
	[NAMING_UUID] = CONF_NAMING_UUID,
	[NAMING_TEXT] = CONF_NAMING_TEXT,
};

static struct conf_dialect dialect_of(const struct codec *codec)
{
	const struct codec_naming *naming = &codec->naming;

	return (struct conf_dialect){ .name = codec->name,
				      .mounts = codec->mounts,
				      .naming = forms[naming->form],
				      .directive = naming->directive,
				      .help = naming->help,
				      .lobby = naming->lobby,
				      .number_max = (int64_t)naming->number_max,
				      .door = codec->http != NULL,
				      .calls = codec->calls != NULL,
				      .unkept = codec->forbids_history };
}

static bool door_text(const char *pattern, const char *prefix, char text[CONF_DOOR_TEXT_MAX])
{
	if (pattern)
		snprintf(text, CONF_DOOR_TEXT_MAX, "%s%s", prefix, pattern);
	return pattern;
}

static bool doors_clash(size_t one, size_t other, char text[CONF_DOOR_TEXT_MAX])
{
	const char *prefix = "";

	return door_text(
	    codec_http_clash(registry_codec(one)->http, registry_codec(other)->http, &prefix),
	    prefix, text);
}

static bool door_has(size_t dialect, const char *path, char text[CONF_DOOR_TEXT_MAX])
{
	const char *prefix = "";

	return door_text(codec_http_at(registry_codec(dialect)->http, slice_of(path), &prefix),
			 prefix, text);
}

static bool room_allowed(size_t dialect, const char *room, const char **why)
{
	const struct codec_calls *calls = registry_codec(dialect)->calls;

	return !calls || !calls->room_allowed || calls->room_allowed(slice_of(room), why);
}

_Static_assert(PATTERN_WHY_MAX <= CONF_WHY_MAX, "there is room for why a pattern is none");

static bool pattern_right(const char *text, char why[CONF_WHY_MAX])
{
	struct pattern *pattern = pattern_new(slice_of(text), why);
	bool right = pattern != NULL;

	pattern_free(pattern);
	return right;
}

const struct conf_known *known_names(void)
{
	static struct conf_dialect dialects[DIALECTS_MAX];
	static struct conf_known known = { .dialects = dialects,
					   .roles = role_names,
					   .kinds = kind_names,
					   .check_routes = rules_check,
					   .doors_clash = doors_clash,
					   .door_has = door_has,
					   .room_allowed = room_allowed,
					   .may_show = shows_may,
					   .pattern_right = pattern_right };

	known.credentials = credentials_folder();
	known.dialect_count = registry_count();
	for (size_t i = 0; i < known.dialect_count; i++)
		dialects[i] = dialect_of(registry_codec(i));
	return &known;
}
