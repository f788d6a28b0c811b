#include "conf/check/resolve_shows.h"

#include <libconfig.h>
#include <string.h>

#include "conf/check/checks.h"
#include "conf/read/read.h"

static bool has(const struct conf_list *list, const char *word)
{
	size_t i = 0;

	while (i < list->count && strcmp(list->items[i], word) != 0)
		i++;
	return i < list->count;
}

static void check_pair(struct reader *reader, struct config_setting_t *group,
		       const struct conf_show *show, const char *dialect, const char *kind)
{
	const struct conf_known *known = reader->known;
	const char *why;
	size_t d = 0;

	while (d < known->dialect_count && strcmp(known->dialects[d].name, dialect) != 0)
		d++;
	if (d < known->dialect_count && !known->may_show(d, kind, show->as, &why))
		reader_fault(reader, group, "as", "%s of %s cannot be shown as %s: %s", kind,
			     dialect, show->as, why);
}

/* Is the pair in one before, as another thing? */
static void check_once(struct reader *reader, struct config_setting_t *list,
		       const struct conf_room *room, size_t at, const char *dialect,
		       const char *kind)
{
	for (size_t i = 0; i < at; i++)
		if (has(&room->shows[i].dialect, dialect) && has(&room->shows[i].kind, kind) &&
		    strcmp(room->shows[i].as, room->shows[at].as) != 0) {
			reader_fault(reader, group_at(list, at), "as",
				     "%s of %s is shown as %s already", kind, dialect,
				     room->shows[i].as);
			return;
		}
}

static void check_show(struct reader *reader, struct config_setting_t *list,
		       const struct conf_room *room, size_t at)
{
	struct config_setting_t *group = group_at(list, at);
	const struct conf_show *show = &room->shows[at];

	if (group_told(group, "dialect") || group_told(group, "kind") || group_told(group, "as"))
		return;
	for (size_t d = 0; d < show->dialect.count; d++)
		for (size_t k = 0; k < show->kind.count; k++) {
			const char *dialect = show->dialect.items[d], *kind = show->kind.items[k];

			check_once(reader, list, room, at, dialect, kind);
			if (reader->known && reader->known->may_show)
				check_pair(reader, group, show, dialect, kind);
		}
}

void resolve_shows(struct reader *reader, struct config_setting_t *group,
		   const struct conf_room *room)
{
	struct config_setting_t *list = read_groups(reader, group, "shows");

	for (size_t i = 0; i < room->show_count; i++)
		check_show(reader, list, room, i);
}
