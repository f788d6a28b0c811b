/* place.h - where the control socket is, and taking that place. */
#ifndef BRIDGE_ADMIN_CONTROL_PLACE_H
#define BRIDGE_ADMIN_CONTROL_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_MAX 108 /* bytes of the path, with its end: the kernel's limit */

/* Where a server listens whose configuration has no control: "control" in the folder that systemd
 * made for it ($RUNTIME_DIRECTORY); else, as root, /run/dragoman/control; else
 * $XDG_RUNTIME_DIR/dragoman/control. False: there is no such folder, or its path is too long. */
bool place_of_server(char path[PLACE_MAX]);

/* Where the command line looks for one: as root /run/dragoman/control; else the same of
 * $XDG_RUNTIME_DIR if there is one, else of /run. */
bool place_of_client(char path[PLACE_MAX]);

enum place_fault {
	PLACE_OK,
	PLACE_TAKEN, /* a server answers there: it keeps the place */
	PLACE_FAILED /* errno says why */
};

/* Makes the socket and listens: mode 0600; what a dead server left there is replaced, a socket in
 * use and any other file never. make_folder: its folder is made if missing, 0700. *fd: the socket,
 * close() it and unlink() the path. Main thread, before there are others: the umask is the
 * process's. */
enum place_fault place_take(const char *path, bool make_folder, int *fd)
    __attribute__((warn_unused_result));

/* Connects to the socket there; -1: errno says why. */
int place_connect(const char *path) __attribute__((warn_unused_result));

#endif
