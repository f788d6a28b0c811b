#include "bridge/reload.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/log.h"
#include "bridge/rules.h"
#include "bridge/setup.h"
#include "bridge/worker.h"
#include "conf/conf.h"
#include "conf/differ.h"

static void tell_differs(void *context, const char *directive)
{
	(void)context;
	log_line(LOG_WARNING, "%s: changed, but that needs a restart", directive);
}

static void hand_out(struct bridge *bridge, const struct route_table *rules)
{
	for (unsigned w = 0; w < bridge->worker_count; w++) {
		struct post *post = post_new(POST_RULES);

		post->rules = route_table_hold(rules);
		mailbox_post(&bridge->workers[w]->box, post);
	}
	route_table_release(bridge->rules);
	bridge->rules = rules;
	bridge->rules_missing = bridge->worker_count;
}

void reload_taken(struct bridge *bridge, const struct post *post)
{
	if (post->rules == bridge->rules && --bridge->rules_missing == 0)
		log_line(LOG_INFO, "reloaded: %zu routes", route_table_count(bridge->rules));
}

/* What a table names by place must be in the same place in the server that runs. */
static bool same_places(const struct conf *old, const struct conf *new)
{
	if (old->room_count != new->room_count || old->backend_count != new->backend_count ||
	    old->tap_count != new->tap_count)
		return false;
	for (size_t i = 0; i < old->room_count; i++)
		if (strcmp(old->rooms[i].name, new->rooms[i].name) != 0)
			return false;
	for (size_t i = 0; i < old->backend_count; i++)
		if (strcmp(old->backends[i].name, new->backends[i].name) != 0)
			return false;
	for (size_t i = 0; i < old->tap_count; i++)
		if (strcmp(old->taps[i].name, new->taps[i].name) != 0)
			return false;
	return true;
}

bool reload(struct bridge *bridge, const char *file, FILE *errors)
{
	struct conf_printer printer;
	const struct route_table *rules = NULL;
	struct conf *conf;

	conf_printer_init(&printer, errors);
	conf = conf_load(file, &setup_known, &printer.report);
	if (conf && !same_places(bridge->conf, conf))
		fprintf(errors,
			"%s:1: error: rooms, backends and taps cannot come, go or change "
			"places without a restart\n",
			file);
	else if (conf)
		rules = rules_make(conf, errors);
	if (rules) {
		conf_differ(bridge->conf, conf, tell_differs, NULL);
		log_set_level(log_level_find(conf->log_level));
		hand_out(bridge, rules);
	} else {
		log_line(LOG_WARNING,
			 "not reloaded: the configuration is wrong, the old one stays");
	}
	conf_free(conf);
	return rules != NULL;
}

/* ---- the pid file ---- */

long pid_file_read(const char *path)
{
	FILE *file = fopen(path, "re");
	long pid = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%ld", &pid) != 1 || pid <= 1)
		pid = 0;
	fclose(file);
	return pid;
}

static bool lives(long pid)
{
	return pid > 0 && pid != (long)getpid() && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

bool pid_file_write(const char *path, FILE *errors)
{
	long before = pid_file_read(path);
	FILE *file;
	bool written;

	if (lives(before)) {
		fprintf(errors, "dragoman: %s: process %ld is running\n", path, before);
		return false;
	}
	file = fopen(path, "we");
	written = file && fprintf(file, "%ld\n", (long)getpid()) > 0;
	if (file && fclose(file) != 0)
		written = false;
	if (!written)
		fprintf(errors, "dragoman: %s: cannot be written\n", path);
	return written;
}

void pid_file_remove(const char *path)
{
	if (pid_file_read(path) == (long)getpid())
		unlink(path);
}
