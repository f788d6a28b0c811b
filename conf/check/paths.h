/* paths.h - the files and folders that the server writes. */
#ifndef CONF_CHECK_PATHS_H
#define CONF_CHECK_PATHS_H

#include "conf/conf.h"
#include "conf/read/reader.h"

/* Why no Unix socket could be made at path, where one that is there already is a server's, or left
 * by one that is no more, and replaced: constant, or strerror's text. NULL: it could. Called by
 * resolve_admin.c, too. */
const char *path_socket_fault(const char *path);

/* Could this process write pid_file, and files in the state folder? What it could not is a fault.
 * Makes nothing. Called by resolve.c. */
void check_paths(struct reader *reader, struct config_setting_t *root, const struct conf *conf);

#endif
