#include "conf/check/checks.h"

#include <libconfig.h>
#include <stdlib.h>

#include "conf/read/marks.h"
#include "conf/table/owned.h"

/* May the list have had more names than were read? */
static bool is_unsure(struct config_setting_t *root, const char *name)
{
	struct config_setting_t *list = config_setting_get_member(root, name);
	int length = list && config_setting_is_list(list) ? config_setting_length(list) : 0;

	if (setting_has(root, MARK_LOST) || setting_has(list, MARK_LOST) ||
	    (list && !config_setting_is_list(list)))
		return true;
	for (int i = 0; i < length; i++) {
		struct config_setting_t *item = config_setting_get_elem(list, (unsigned)i);
		const char *text;

		if (!config_setting_is_group(item) ||
		    !config_setting_lookup_string(item, "name", &text))
			return true;
	}
	return false;
}

/* Names of structs that stand side by side. */
static void entries_add_names(struct entries *entries, const void *structs, size_t count,
			      size_t size, size_t offset)
{
	const char *first = structs;

	for (size_t i = 0; i < count; i++)
		entries_add_text(entries, *(char *const *)(first + i * size + offset), i);
	entries_sort(entries);
}

void roster_init(struct roster *roster, struct config_setting_t *root, const struct conf *conf)
{
	entries_init(&roster->rooms, conf->room_count, false);
	entries_init(&roster->accounts, conf->account_count, true);
	entries_init(&roster->backends, conf->backend_count, false);
	entries_init(&roster->taps, conf->tap_count, false);
	entries_init(&roster->upstreams, conf->upstream_count, false);
	roster->rooms.unsure = is_unsure(root, "rooms") || conf->room_count == 0;
	roster->accounts.unsure = is_unsure(root, "accounts");
	roster->backends.unsure = is_unsure(root, "backends");
	roster->taps.unsure = is_unsure(root, "taps");
	roster->upstreams.unsure = is_unsure(root, "upstreams");
	entries_add_names(&roster->rooms, conf->rooms, conf->room_count, sizeof(struct conf_room),
			  offsetof(struct conf_room, name));
	entries_add_names(&roster->accounts, conf->accounts, conf->account_count,
			  sizeof(struct conf_account), offsetof(struct conf_account, name));
	entries_add_names(&roster->backends, conf->backends, conf->backend_count,
			  sizeof(struct conf_backend), offsetof(struct conf_backend, name));
	entries_add_names(&roster->taps, conf->taps, conf->tap_count, sizeof(struct conf_tap),
			  offsetof(struct conf_tap, name));
	entries_add_names(&roster->upstreams, conf->upstreams, conf->upstream_count,
			  sizeof(struct conf_upstream), offsetof(struct conf_upstream, name));
}

void roster_clear(struct roster *roster)
{
	entries_clear(&roster->rooms);
	entries_clear(&roster->accounts);
	entries_clear(&roster->backends);
	entries_clear(&roster->taps);
	entries_clear(&roster->upstreams);
}

struct config_setting_t *group_at(struct config_setting_t *list, size_t index)
{
	return list ? config_setting_get_elem(list, (unsigned)index) : NULL;
}

bool group_gives(struct config_setting_t *group, const char *name)
{
	return group && config_setting_is_group(group) && config_setting_get_member(group, name);
}

bool group_told(struct config_setting_t *group, const char *name)
{
	if (!group || !config_setting_is_group(group))
		return false;
	return setting_has(group, MARK_LOST) ||
	       setting_has(config_setting_get_member(group, name), MARK_WRONG);
}

void unknown_name(struct reader *reader, struct config_setting_t *group, const char *member,
		  const char *what, const char *name, const struct entries *known,
		  const struct entries *more)
{
	size_t count = 0, first = known->count, second = more ? more->count : 0;
	const char **names;
	char *hint;

	if (!reader_guesses(reader))
		first = second = 0;
	names = owned_zeroed(first + second + 1, sizeof(*names));
	for (size_t i = 0; i < first; i++)
		names[count++] = known->list[i].text;
	for (size_t i = 0; i < second; i++)
		names[count++] = more->list[i].text;
	hint = suggestion(reader, name, names);
	reader_fault(reader, group, member, "unknown %s '%s'%s", what, name, hint);
	free(hint);
	free(names);
}

struct claim *claims_of(struct config_setting_t *list, size_t count, const char *title)
{
	struct claim *claims = owned_zeroed(count, sizeof(*claims));

	for (size_t i = 0; i < count; i++)
		claims[i] = (struct claim){ group_at(list, i), title };
	return claims;
}

void refuse_repeated(struct reader *reader, const struct claim *claims, struct entries *entries,
		     const char *member)
{
	entries_sort(entries);
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->list[i];
		const struct claim *before;
		size_t first;
		unsigned line;

		if (!entries_repeated(entries, i, &first))
			continue;
		before = &claims[first];
		line = before->group ? config_setting_source_line(before->group) : 0;
		if (entry->text)
			reader_fault(reader, claims[entry->index].group, member,
				     "%s '%s' is taken by the %s in line %u", member, entry->text,
				     before->title, line);
		else
			reader_fault(reader, claims[entry->index].group, member,
				     "%s %lld is taken by the %s in line %u", member,
				     (long long)entry->number, before->title, line);
	}
	entries_clear(entries);
}
