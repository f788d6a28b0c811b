#include "bridge/files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bridge/admin/admin_http.h"
#include "bridge/core/log/log.h"

#define SPARE_FILES     256 /* beside connections: what is below, and peers of backends */
#define CONNECTIONS_ANY 16384

/* Standard ones, the main loop, a configuration that is read again, the processes that compare
 * secrets; a loop of each worker; ZeroMQ, and a socket and its first peers of each backend and tap.
 */
#define FILES_MAIN       30
#define FILES_OF_WORKER  8
#define FILES_OF_ZMQ     16
#define FILES_OF_BACKEND 8

/* The admin thread's: a loop, and whoever watches. */
static size_t files_of_admin(const struct bridge *bridge)
{
	for (size_t i = 0; bridge->listeners && i < bridge->listener_count; i++)
		if (bridge->listeners[i].admin)
			return FILES_OF_WORKER + ADMIN_CONNECTIONS_MAX;
	return 0;
}

size_t files_needed(const struct bridge *bridge)
{
	size_t far = bridge->backend_count + bridge->tap_count;

	return FILES_MAIN + FILES_OF_WORKER * bridge->worker_count + bridge->listener_count +
	       files_of_admin(bridge) + (far ? FILES_OF_ZMQ : 0) + FILES_OF_BACKEND * far;
}

/* The kernel doubles the table of open files as they come; once there are threads, whoever opens
 * the file that does not fit waits for milliseconds until no other looks at the old table. So it
 * gets its full size while there is one thread. */
static void files_make_room(rlim_t count)
{
	int last = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)count - 1);

	if (last >= 0)
		close(last);
	else
		log_line(LOG_DEBUG, "cannot preallocate the table for %llu open files",
			 (unsigned long long)count);
}

/* Nobody may come in by a file that the server needs for something else. */
static bool connections_fit(struct bridge *bridge, rlim_t most, FILE *errors)
{
	size_t needed = files_needed(bridge);
	size_t spare = most / 4 < SPARE_FILES ? most / 4 : SPARE_FILES;

	if (most <= needed) {
		fprintf(errors,
			"dragoman: the limit of open files is %llu, but %zu are needed before any "
			"client connects: raise it (ulimit -n, LimitNOFILE)\n",
			(unsigned long long)most, needed);
		return false;
	}
	bridge->limits.connections = (uint32_t)(most - (spare > needed ? spare : needed));
	log_line(LOG_WARNING,
		 "the limit of open files is %llu: it allows at most %u connections, fewer than "
		 "configured",
		 (unsigned long long)most, bridge->limits.connections);
	return true;
}

/* The library looks through its whole table of descriptors for each connection it closes: the
 * table is as long as this limit, so it is kept to what is needed. */
bool files_limit(struct bridge *bridge, FILE *errors)
{
	rlim_t wanted = bridge->limits.connections ? bridge->limits.connections : CONNECTIONS_ANY;
	size_t needed = files_needed(bridge);
	struct rlimit files;

	wanted += needed > SPARE_FILES ? needed : SPARE_FILES;
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return true;
	if (wanted > files.rlim_max) {
		wanted = files.rlim_max;
		if (!connections_fit(bridge, wanted, errors))
			return false;
	}
	files.rlim_cur = wanted;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		log_line(LOG_WARNING, "cannot set the limit of open files");
	else
		files_make_room(wanted);
	return true;
}
