#include "bridge/command/control/stopped.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/admin/control/stored/erase.h"
#include "bridge/admin/control/stored/history.h"
#include "bridge/command/control/alone.h"
#include "bridge/lock.h"
#include "bridge/store/asked.h"
#include "bridge/store/backup.h"
#include "bridge/store/erase.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/conf.h"

#define OURS "dragoman: " /* what errors begin with, and the text of an answer does not */

struct stopped {
	const struct words *words;
	const struct conf *conf;
	json_t *request;
	struct stat owner; /* of its files there, or else of the folder; zeros: there is neither */
	FILE *errors;      /* into said */
	char *said;
	size_t len;
};

/* ---- answers ---- */

static json_t *done(json_t *result, json_t *rows)
{
	json_t *answer = json_pack("{s:b,s:o}", "ok", 1, "result", result);

	if (rows)
		json_object_set_new(answer, "rows", rows);
	return answer;
}

static json_t *refused(const char *code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static json_t *refused(const char *code, const char *format, ...)
{
	va_list arguments;
	json_t *answer;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	answer = json_pack("{s:b,s:s,s:o,s:i}", "ok", 0, "error", code, "text",
			   json_of(slice_of(text)), "exit", 1);
	free(text);
	return answer;
}

/* With what was written to errors. */
static json_t *failed(struct stopped *stopped, const char *code)
{
	const char *text;
	size_t len;

	fflush(stopped->errors);
	text = stopped->said ? stopped->said : "";
	if (strncmp(text, OURS, sizeof(OURS) - 1) == 0)
		text += sizeof(OURS) - 1;
	len = strlen(text);
	return refused(code, "%.*s", (int)(len && text[len - 1] == '\n' ? len - 1 : len), text);
}

static const char *value_of(const struct words *words, const char *name)
{
	for (size_t i = 0; i < verb_argument_count(words->verb); i++)
		if (strcmp(words->verb->arguments[i].name, name) == 0)
			return words->values[i];
	return NULL;
}

/* ---- history ---- */

static json_t *history_of(struct stopped *stopped, struct past *past)
{
	struct database *database = database_open_reader(stopped->conf->state, stopped->errors);

	if (!database)
		return failed(stopped, "unreadable");
	past_read(database, past);
	if (past->failed)
		fprintf(stopped->errors, "%s: %s\n", stopped->conf->state,
			database_fault_text(database));
	database_close(database);
	if (past->failed)
		return failed(stopped, "unreadable");
	if (past->unknown)
		return refused("unknown_room", "nothing of a room '%s' is stored",
			       value_of(stopped->words, "room"));
	return done(json_pack("{s:s,s:I}", "room", value_of(stopped->words, "room"), "count",
			      (json_int_t)past->count),
		    history_rows(past, 0, past->count));
}

static json_t *history(struct stopped *stopped)
{
	const struct words *words = stopped->words;
	struct past past = history_asked(value_of(words, "room"), value_of(words, "before"),
					 value_of(words, "count"));
	json_t *answer = history_of(stopped, &past);

	past_clear(&past);
	return answer;
}

/* ---- erase ---- */

static const struct conf_account *account_of(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->account_count; i++)
		if (name_same(slice_of(conf->accounts[i].name), slice_of(name)))
			return &conf->accounts[i];
	return NULL;
}

/* The person's number; NULL, or why there is none. Returns new. */
static json_t *find(struct stopped *stopped, struct database *database, uint32_t *number)
{
	const char *name = value_of(stopped->words, "name");
	const struct conf_account *account = account_of(stopped->conf, name);
	struct finding finding = { .name = slice_of(name) };
	json_t *answer = NULL;
	char *doubt;

	*number = name[0] == '#' ? (uint32_t)strtoul(name + 1, NULL, 10) : 0;
	if (!*number && account)
		*number = (uint32_t)account->number;
	if (*number)
		return NULL;
	authors_find(database, &finding);
	if (finding.failed)
		return refused("unreadable", "%s: %s", stopped->conf->state,
			       database_fault_text(database));
	doubt = erase_doubt(name, &finding);
	if (doubt)
		answer = refused(finding.count ? "several" : "unknown_person", "%s", doubt);
	free(doubt);
	*number = finding.numbers[0];
	return answer;
}

static json_t *erase_from(struct stopped *stopped, struct database *database)
{
	const char *given = value_of(stopped->words, "name");
	struct slice name = given[0] == '#' ? (struct slice){ NULL, 0 } : slice_of(given);
	struct erase erase;
	uint32_t number;
	json_t *answer = find(stopped, database, &number);

	if (answer)
		return answer;
	erase_begin(&erase, number, name);
	if (!erase_person(database, &erase))
		return refused("unstored", "erased in part: %s; try again",
			       database_fault(database) == FAULT_NONE
				   ? "somebody reads the log of the database"
				   : database_fault_text(database));
	return done(erase_result(number, name,
				 &(struct erased){ .messages = erase.counts.messages,
						   .reactions = erase.counts.reactions,
						   .votes = erase.counts.votes,
						   .polls = erase.counts.polls,
						   .marks = erase.counts.marks,
						   .persons = erase.counts.persons }),
		    NULL);
}

static json_t *erase(struct stopped *stopped)
{
	struct database *database =
	    database_open(stopped->conf->state, DURABLE_COMMIT, stopped->errors);
	json_t *answer;

	if (!database)
		return failed(stopped, "unreadable");
	answer = erase_from(stopped, database);
	database_close(database);
	return answer;
}

/* ---- backup ---- */

static json_t *copy(struct stopped *stopped, const char *folder)
{
	const char *file = value_of(stopped->words, "to");
	struct stat about;

	if (!store_backup(folder, file, stopped->errors))
		return failed(stopped, "not_copied");
	if (stat(file, &about) < 0)
		return refused("not_copied", "%s: %s", file, strerror(errno));
	return done(json_pack("{s:o,s:o,s:I}", "state", json_of(slice_of(folder)), "file",
			      json_of(slice_of(file)), "bytes", (json_int_t)about.st_size),
		    NULL);
}

static json_t *backup(struct stopped *stopped)
{
	return copy(stopped, stopped->conf->state);
}

/* ---- accounts and rooms made at run time ---- */

static json_t *made(struct stopped *stopped)
{
	json_t *answer =
	    alone_answer(stopped->conf, stopped->request, &stopped->owner, stopped->errors);

	return answer ? answer : failed(stopped, "unreadable");
}

/* They are the only ones that may be the first to store something. */
static bool may_be_first(const struct admin_verb *verb)
{
	return verb_group_of(verb) != NULL;
}

/* ---- all of them ---- */

static const struct {
	const char *verb;
	json_t *(*carry_out)(struct stopped *);
	bool reads; /* and keeps no server from starting meanwhile */
} verbs[] = {
	{ "history", history, true },
	{ "erase", erase, false },
	{ "backup", backup, true },
};

static bool reads_alone(const struct admin_verb *verb)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].verb, verb->name) == 0)
			return verbs[i].reads;
	return false;
}

static json_t *carry_out(struct stopped *stopped)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].verb, stopped->words->verb->name) == 0)
			return verbs[i].carry_out(stopped);
	if (may_be_first(stopped->words->verb))
		return made(stopped);
	return refused("unsupported", "%s needs a running server", stopped->words->verb->name);
}

/* The file of the lock may be new, and the server's user is to open it, too. */
static void give_away(int lock, const struct stat *owner)
{
	if (geteuid() == 0 && fchown(lock, owner->st_uid, owner->st_gid) < 0)
		fprintf(stderr, "dragoman: the lock of the state folder: %s\n", strerror(errno));
}

/* NULL, or why there is nothing to begin with. Returns new. */
static json_t *find_owner(struct stopped *stopped)
{
	const char *folder = stopped->conf->state;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" DATABASE_FILE, folder);
	if (stat(path, &stopped->owner) == 0)
		return NULL;
	if (errno != ENOENT)
		return refused("no_state", "%s: %s", path, strerror(errno));
	if (!may_be_first(stopped->words->verb))
		return refused("no_state", "nothing is stored in %s", folder);
	/* Where there is no folder, either, it is going to be ours. */
	if (stat(folder, &stopped->owner) < 0)
		stopped->owner = (struct stat){ .st_uid = geteuid(), .st_gid = getegid() };
	return NULL;
}

static json_t *with_lock(struct stopped *stopped)
{
	json_t *answer = find_owner(stopped);
	int lock;

	if (answer)
		return answer;
	if (reads_alone(stopped->words->verb))
		return lock_state_is_free(stopped->conf->state, stopped->errors)
			   ? carry_out(stopped)
			   : failed(stopped, "in_use");
	lock = lock_state(stopped->conf->state, stopped->errors);
	if (lock < 0)
		return failed(stopped, "in_use");
	give_away(lock, &stopped->owner);
	answer = carry_out(stopped);
	close(lock);
	return answer;
}

static void begin(struct stopped *stopped)
{
	stopped->errors = open_memstream(&stopped->said, &stopped->len);
	if (!stopped->errors)
		abort();
}

static json_t *end(struct stopped *stopped, json_t *answer)
{
	fclose(stopped->errors);
	free(stopped->said);
	return answer;
}

json_t *stopped_answer(const struct words *words, const struct conf *conf, json_t *request)
{
	struct stopped stopped = { .words = words, .conf = conf, .request = request };

	if (!*conf->state || strcmp(conf->storage.engine, CONF_MEMORY) == 0)
		return refused(
		    "not_stored", "%s: a server with this configuration stores nothing: %s",
		    words->file, *conf->state ? "its storage engine is memory" : "it has no state");
	begin(&stopped);
	return end(&stopped, with_lock(&stopped));
}

json_t *stopped_copy(const struct words *words, const char *folder)
{
	struct stopped stopped = { .words = words };

	begin(&stopped);
	return end(&stopped, copy(&stopped, folder));
}
