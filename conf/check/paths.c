#include "conf/check/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/table/owned.h"

/* Constant, or strerror's text. NULL: files can be made in it. */
static const char *folder_fault(const char *path)
{
	struct stat about;

	if (stat(path, &about) < 0)
		return strerror(errno);
	if (!S_ISDIR(about.st_mode))
		return "it is not a folder";
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0 ? strerror(errno) : NULL;
}

static const char *parent_fault(const char *path)
{
	const char *slash = strrchr(path, '/'), *why;
	char *parent = !slash          ? owned_text(".")
		       : slash == path ? owned_text("/")
				       : owned_format("%.*s", (int)(slash - path), path);

	why = folder_fault(parent);
	free(parent);
	return why;
}

static const char *file_fault(const char *path)
{
	struct stat about;

	if (stat(path, &about) < 0)
		return errno == ENOENT ? parent_fault(path) : strerror(errno);
	if (!S_ISREG(about.st_mode))
		return S_ISDIR(about.st_mode) ? "it is a folder" : "it is not a regular file";
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0 ? strerror(errno) : NULL;
}

/* A link is no socket: what stands in its place is bound, not what it points to. */
const char *path_socket_fault(const char *path)
{
	struct stat about;

	if (strlen(path) > CONF_SOCKET_MAX)
		return "it is longer than 107 bytes";
	if (lstat(path, &about) < 0)
		return errno == ENOENT ? parent_fault(path) : strerror(errno);
	return S_ISSOCK(about.st_mode) ? parent_fault(path) : "it exists and is no socket";
}

static const char *state_fault(const char *path)
{
	struct stat about;

	if (stat(path, &about) < 0 && errno == ENOENT)
		return parent_fault(path);
	return folder_fault(path);
}

static bool is_place(const char *control)
{
	return control[0] && strcmp(control, CONF_CONTROL_AUTO) != 0;
}

void check_paths(struct reader *reader, struct config_setting_t *root, const struct conf *conf)
{
	const char *pid = conf->pid_file[0] ? file_fault(conf->pid_file) : NULL;
	const char *control = is_place(conf->control) ? path_socket_fault(conf->control) : NULL;
	const char *state = conf->state[0] ? state_fault(conf->state) : NULL;

	if (pid)
		reader_fault(reader, root, "pid_file", "pid_file '%.200s' cannot be written: %s",
			     conf->pid_file, pid);
	if (control)
		reader_fault(reader, root, "control", "control '%.200s' cannot be made: %s",
			     conf->control, control);
	if (state)
		reader_fault(reader, root, "state", "state '%.200s' cannot be used: %s",
			     conf->state, state);
}
