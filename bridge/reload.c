#include "bridge/reload.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/core/log.h"
#include "bridge/core/worker.h"
#include "bridge/rules.h"
#include "bridge/setup.h"
#include "conf/load.h"
#include "conf/table/differ.h"

static void tell_differs(void *context, const char *directive)
{
	(void)context;
	log_line(LOG_WARNING, "%s: changed, but that needs a restart", directive);
}

static void hand_out(struct bridge *bridge, const struct route_table *rules)
{
	for (unsigned w = 0; w < bridge->worker_count; w++) {
		struct post_rules *post = post_new(POST_RULES);

		post->rules = route_table_hold(rules);
		mailbox_post(&bridge->workers[w]->box, &post->post);
	}
	route_table_release(bridge->rules);
	bridge->rules = rules;
	bridge->rules_missing = bridge->worker_count;
}

void reload_taken(struct bridge *bridge, const struct route_table *rules)
{
	if (rules == bridge->rules && --bridge->rules_missing == 0)
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

/* The number in the file says nothing: the process may be long gone, and another have its number.
 * The lock on it ends with its holder. */
static int pid_file_held = -1;

static long lock_holder(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

long pid_file_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long pid;

	if (fd < 0)
		return 0;
	pid = lock_holder(fd);
	close(fd);
	return pid;
}

bool pid_file_write(const char *path, FILE *errors)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0 && fcntl(fd, F_SETLK, &lock) < 0) {
		fprintf(errors, "dragoman: %s: process %ld is running\n", path, lock_holder(fd));
		close(fd);
		return false;
	}
	if (fd < 0 || ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
		fprintf(errors, "dragoman: %s: cannot be written\n", path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	pid_file_held = fd;
	return true;
}

void pid_file_remove(const char *path)
{
	if (pid_file_held < 0)
		return;
	unlink(path);
	close(pid_file_held);
	pid_file_held = -1;
}
