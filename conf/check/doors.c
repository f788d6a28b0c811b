#include "conf/check/doors.h"

#include <string.h>

#include "conf/check/checks.h"

static size_t dialect_of(const struct conf_known *known, const char *name)
{
	size_t at = 0;

	while (at < known->dialect_count && strcmp(known->dialects[at].name, name) != 0)
		at++;
	return at;
}

/* known->dialect_count: the mount opens no door. */
static size_t door_of(const struct conf_known *known, const struct conf_mount *mount)
{
	size_t dialect = dialect_of(known, mount->dialect);

	return dialect < known->dialect_count && mount->http && known->dialects[dialect].door
		   ? dialect
		   : known->dialect_count;
}

static void check_pair(struct reader *reader, struct config_setting_t *list,
		       const struct conf_listener *listener, const struct conf_known *known,
		       size_t first, size_t second)
{
	const struct conf_mount *mounts = listener->mounts;
	size_t one = door_of(known, &mounts[first]), other = door_of(known, &mounts[second]);
	char text[CONF_DOOR_TEXT_MAX];

	if (one == known->dialect_count || other == known->dialect_count || one == other ||
	    !known->doors_clash(one, other, text))
		return;
	reader_fault(reader, group_at(list, second), "http",
		     "HTTP requests to %s would be both %s's and %s's: http = false for one of "
		     "them, or give it a listener of its own",
		     text, mounts[first].dialect, mounts[second].dialect);
}

static void check_path(struct reader *reader, struct config_setting_t *list,
		       const struct conf_listener *listener, const struct conf_known *known,
		       size_t door, size_t mount)
{
	const struct conf_mount *mounts = listener->mounts;
	size_t dialect = door_of(known, &mounts[door]);
	char text[CONF_DOOR_TEXT_MAX];

	if (dialect == known->dialect_count || !known->door_has(dialect, mounts[mount].path, text))
		return;
	reader_fault(
	    reader, group_at(list, mount), "path",
	    "path '%s' is taken: %s's HTTP requests to %s are answered here (http of mount "
	    "%s)",
	    mounts[mount].path, mounts[door].dialect, text, mounts[door].path);
}

void check_doors(struct reader *reader, struct config_setting_t *list,
		 const struct conf_listener *listener, const struct conf_known *known)
{
	if (!known || !known->doors_clash || !known->door_has)
		return;
	for (size_t i = 0; i < listener->mount_count; i++)
		for (size_t k = 0; k < listener->mount_count; k++) {
			if (i < k)
				check_pair(reader, list, listener, known, i, k);
			check_path(reader, list, listener, known, i, k);
		}
}
