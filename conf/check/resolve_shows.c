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
		       const struct conf_show *shows, size_t at, const char *dialect,
		       const char *kind)
{
	for (size_t i = 0; i < at; i++)
		if (has(&shows[i].dialect, dialect) && has(&shows[i].kind, kind) &&
		    strcmp(shows[i].as, shows[at].as) != 0) {
			reader_fault(reader, group_at(list, at), "as",
				     "%s of %s is shown as %s already", kind, dialect, shows[i].as);
			return;
		}
}

static void check_show(struct reader *reader, struct config_setting_t *list,
		       const struct conf_show *shows, size_t at)
{
	struct config_setting_t *group = group_at(list, at);
	const struct conf_show *show = &shows[at];

	if (group_told(group, "dialect") || group_told(group, "kind") || group_told(group, "as"))
		return;
	for (size_t d = 0; d < show->dialect.count; d++)
		for (size_t k = 0; k < show->kind.count; k++) {
			const char *dialect = show->dialect.items[d], *kind = show->kind.items[k];

			check_once(reader, list, shows, at, dialect, kind);
			if (reader->known && reader->known->may_show)
				check_pair(reader, group, show, dialect, kind);
		}
}

void resolve_shows(struct reader *reader, struct config_setting_t *group,
		   const struct conf_show *shows, size_t count)
{
	struct config_setting_t *list = read_groups(reader, group, "shows");

	for (size_t i = 0; i < count; i++)
		check_show(reader, list, shows, i);
}

/* ---- of a route ---- */

/* Nothing is delivered to a room by its steps. */
static bool reaches_no_room(const struct conf_route *route)
{
	bool elsewhere = false;

	for (size_t i = 0; i < route->then_count; i++) {
		const struct conf_step *step = &route->then[i];

		if (*step->room)
			return false;
		elsewhere =
		    elsewhere || *step->backend || *step->upstream || *step->refuse || step->drop;
	}
	return elsewhere;
}

/* Who comes and goes is known before a rule decides. */
static bool is_presence(const char *kind)
{
	return strcmp(kind, "enter") == 0 || strcmp(kind, "exit") == 0;
}

static void check_route_kind(struct reader *reader, struct config_setting_t *group,
			     const struct conf_route *route, const char *kind)
{
	if (is_presence(kind))
		reader_fault(reader, group, "kind",
			     "%s is shown as the room has it: no route changes it", kind);
	else if (route->kind.count && !has(&route->kind, kind))
		reader_fault(reader, group, "kind", "the route decides about no event of kind %s",
			     kind);
}

void resolve_route_shows(struct reader *reader, struct config_setting_t *group,
			 const struct conf_route *route)
{
	struct config_setting_t *list = read_groups(reader, group, "shows");
	const char *member = route->show_count ? "shows" : "mass_mentions";

	resolve_shows(reader, group, route->shows, route->show_count);
	if ((route->show_count || route->mass_mentions) && !group_told(group, "then") &&
	    reaches_no_room(route))
		reader_fault(reader, group, member, "the route delivers to no room");
	for (size_t i = 0; i < route->show_count; i++)
		for (size_t k = 0; k < route->shows[i].kind.count; k++)
			if (!group_told(group_at(list, i), "kind"))
				check_route_kind(reader, group_at(list, i), route,
						 route->shows[i].kind.items[k]);
}
