#include "conf/check/resolve_routes.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf/check/resolve_shows.h"
#include "conf/check/upstream_find.h"
#include "conf/read/marks.h"
#include "conf/read/read.h"
#include "conf/table/owned.h"

static const char *const verbs[] = { "ask",     "backend", "upstream", "tap", "room",
				     "rewrite", "refuse",  "drop",     NULL };

/* `drop = false` is the default and says nothing. */
static bool says(struct config_setting_t *step, const char *verb)
{
	struct config_setting_t *member = config_setting_get_member(step, verb);

	return member &&
	       !(member->type == CONFIG_TYPE_BOOL && config_setting_get_bool(member) == 0);
}

static void check_verbs(struct reader *reader, struct config_setting_t *group)
{
	const char *said = NULL;

	for (size_t i = 0; verbs[i]; i++) {
		if (!says(group, verbs[i]))
			continue;
		if (!said)
			said = verbs[i];
		else if (!group_told(group, said) && !group_told(group, verbs[i]))
			reader_fault(reader, group, verbs[i],
				     "%s and %s in one step: a step has one action", verbs[i],
				     said);
	}
	if (!said)
		reader_fault(reader, group, NULL,
			     "a step needs one of ask, backend, upstream, tap, room, rewrite, "
			     "refuse and drop");
}

/* What only makes sense beside a certain verb. */
static void check_beside(struct reader *reader, struct config_setting_t *group)
{
	bool rewrites = group_gives(group, "rewrite"), asks = group_gives(group, "ask");

	if (rewrites && !group_gives(group, "to"))
		reader_fault(reader, group, "rewrite",
			     "to is missing: rewrite needs this template");
	if (!rewrites && group_gives(group, "to"))
		reader_fault(reader, group, "to", "to is for rewrite only");
	if (!asks && group_gives(group, "on_timeout"))
		reader_fault(reader, group, "on_timeout", "on_timeout is for ask only");
	if (!asks && !group_gives(group, "backend") && group_gives(group, "deadline_ms"))
		reader_fault(reader, group, "deadline_ms",
			     "deadline_ms is for ask and backend only");
}

/* ask and backend. */
static void check_backend_named(struct reader *reader, struct config_setting_t *group,
				const char *member, const char *name, const struct roster *roster)
{
	if (name[0] == '\0' || entries_have(&roster->backends, name))
		return;
	if (entries_have(&roster->taps, name))
		reader_fault(reader, group, member, "'%s' is a tap, which only listens", name);
	else
		unknown_name(reader, group, member, "backend", name, &roster->backends, NULL);
}

/* Of a step and a condition: a relay that takes events that way (direction). */
static void check_upstream_named(struct reader *reader, struct config_setting_t *group,
				 const char *name, const char *way, const struct conf *conf,
				 const struct roster *roster)
{
	const struct conf_upstream *upstream = upstream_named(conf, name);

	if (name[0] == '\0')
		return;
	if (!entries_have(&roster->upstreams, name))
		unknown_name(reader, group, "upstream", "upstream", name, &roster->upstreams, NULL);
	else if (upstream && upstream_is_session(upstream))
		reader_fault(
		    reader, group, "upstream",
		    "upstream '%s' is of mode session: rules are about those of mode relay", name);
	else if (upstream && strcmp(upstream->direction, CONF_BOTH) != 0 &&
		 strcmp(upstream->direction, way) != 0)
		reader_fault(reader, group, "upstream",
			     "upstream '%s' has the direction \"%s\": nothing goes the other way",
			     name, upstream->direction);
}

static void check_step(struct reader *reader, struct config_setting_t *group,
		       const struct conf_step *step, const struct conf *conf,
		       const struct roster *roster)
{
	if (!group || !config_setting_is_group(group))
		return;
	if (!setting_has(group, MARK_LOST)) {
		check_verbs(reader, group);
		check_beside(reader, group);
	}
	check_backend_named(reader, group, "ask", step->ask, roster);
	check_backend_named(reader, group, "backend", step->backend, roster);
	check_upstream_named(reader, group, step->upstream, CONF_OUT, conf, roster);
	if (step->tap[0] && !entries_have(&roster->taps, step->tap) &&
	    !entries_have(&roster->backends, step->tap))
		unknown_name(reader, group, "tap", "tap or backend", step->tap, &roster->taps,
			     &roster->backends);
	if (step->room[0] && roster->rooms.count && strcmp(step->room, "{room}") != 0 &&
	    !entries_have(&roster->rooms, step->room))
		unknown_name(reader, group, "room", "room", step->room, &roster->rooms, NULL);
}

static void check_room_pattern(struct reader *reader, struct config_setting_t *group,
			       const char *pattern, const struct roster *roster)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*') {
		if (!entries_have_prefix(&roster->rooms, pattern, len - 1))
			reader_fault(reader, group, "room", "no room's name matches '%s'", pattern);
	} else if (!entries_have(&roster->rooms, pattern)) {
		unknown_name(reader, group, "room", "room", pattern, &roster->rooms, NULL);
	}
}

struct judge {
	struct conf_judge judge;
	struct reader *reader;
};

static void judge_fault(struct conf_judge *judge, const struct conf_place *place,
			const char *message)
{
	struct reader *reader = ((struct judge *)judge)->reader;

	faults_add(reader->faults, place->file ? place->file : reader->file, place->line,
		   owned_text(message));
}

/* What only shows in the rules as a whole is told in the same run as all else. */
static void judge_routes(struct reader *reader, struct config_setting_t *list,
			 const struct conf *conf, const struct roster *roster)
{
	struct judge judge = { { judge_fault }, reader };
	bool names_known = !roster->rooms.unsure && !roster->backends.unsure &&
			   !roster->taps.unsure && !roster->upstreams.unsure;
	bool *sound = owned_zeroed(conf->route_count, sizeof(*sound));

	for (size_t i = 0; i < conf->route_count; i++)
		sound[i] = !setting_has(group_at(list, i), MARK_WRONG);
	reader->known->check_routes(conf, sound, names_known, &judge.judge);
	free(sound);
}

void resolve_routes(struct reader *reader, struct config_setting_t *root, const struct conf *conf,
		    const struct roster *roster)
{
	struct config_setting_t *list = read_groups(reader, root, "routes");

	for (size_t i = 0; i < conf->route_count; i++) {
		const struct conf_route *route = &conf->routes[i];
		struct config_setting_t *group = group_at(list, i);
		struct config_setting_t *steps = read_groups(reader, group, "then");

		for (size_t r = 0; r < route->room.count && roster->rooms.count; r++)
			check_room_pattern(reader, group, route->room.items[r], roster);
		for (size_t s = 0; s < route->then_count; s++)
			check_step(reader, group_at(steps, s), &route->then[s], conf, roster);
		for (size_t u = 0; u < route->upstream.count; u++)
			check_upstream_named(reader, group, route->upstream.items[u], CONF_IN, conf,
					     roster);
		resolve_route_shows(reader, group, route);
	}
	if (reader->known && reader->known->check_routes && conf->route_count)
		judge_routes(reader, list, conf, roster);
}
