#include "bridge/command/check_state.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "bridge/core/state.h"
#include "bridge/lock.h"
#include "bridge/store/check.h"
#include "bridge/store/sqlite/database.h"
#include "routes/room/record.h"

static bool is_sound(struct slice body)
{
	struct record record;

	if (record_read(body, &record) != RECORD_SOUND)
		return false;
	record_clear(&record);
	return true;
}

/* How far ids may go; not that of a server that runs, which goes on meanwhile. */
static bool mark_of(const char *folder, uint64_t *mark_ms, FILE *errors)
{
	char path[PATH_MAX];

	*mark_ms = 0;
	snprintf(path, sizeof(path), "%s/lock", folder);
	return lock_holder(path) || state_mark(folder, mark_ms, errors);
}

static void print_count(FILE *out, uint64_t count, const char *one, const char *many)
{
	if (count)
		fprintf(out, ", %" PRIu64 " %s", count, count == 1 ? one : many);
}

static bool check(const struct conf *conf, struct database *database, uint64_t mark_ms, FILE *out)
{
	struct check_options options = { .mark_ms = mark_ms, .is_sound = is_sound };
	struct check_report report;
	bool whole = database_check(database, &options, out, &report);

	fprintf(out, "%s/" DATABASE_FILE ": %" PRIu64 " rows are whole", conf->state, report.rows);
	print_count(out, report.damaged, "is damaged", "are damaged");
	print_count(out, report.unsound, "of them cannot be read", "of them cannot be read");
	print_count(out, report.above, "id is ahead of its time", "ids are ahead of their time");
	print_count(out, report.broken, "fault of the file", "faults of the file");
	fputc('\n', out);
	return whole;
}

bool check_state(const struct conf *conf, FILE *out, FILE *errors)
{
	char path[PATH_MAX];
	struct database *database;
	uint64_t mark_ms;
	bool whole;

	if (!*conf->state || strcmp(conf->storage.engine, CONF_MEMORY) == 0) {
		fprintf(out, "nothing is stored: %s\n",
			*conf->state ? "the storage engine is memory" : "there is no state");
		return true;
	}
	snprintf(path, sizeof(path), "%s/" DATABASE_FILE, conf->state);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		fprintf(out, "nothing is stored yet: there is no %s\n", path);
		return true;
	}
	if (!mark_of(conf->state, &mark_ms, errors))
		return false;
	database = database_open_reader(conf->state, errors);
	if (!database)
		return false;
	whole = check(conf, database, mark_ms, out);
	database_close(database);
	return whole;
}
