/* place.h - where the control socket is; and the file of a Unix socket, that of an admin listener,
 * too: taking its place, leaving it. */
#ifndef BRIDGE_ADMIN_CONTROL_PLACE_H
#define BRIDGE_ADMIN_CONTROL_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

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

/* One that was taken. Zeroed: none is. */
struct place {
	char path[PLACE_MAX];
	dev_t device; /* which file the socket is there: by now it may be another's */
	ino_t file;
};

/* Makes the socket and listens: mode 0600; what a dead server left there is replaced, a socket in
 * use and any other file never. make_folder: its folder is made if missing, 0700. *fd: the socket,
 * which does not block, to be closed after place_leave(). Main thread, before there are others: the
 * umask is the process's. Called by control.c and admin_thread.c. */
enum place_fault place_take(struct place *place, const char *path, bool make_folder, int *fd)
    __attribute__((warn_unused_result));

/* Why it was not taken, in words. After place_take() only: looks at errno. */
const char *place_fault_text(enum place_fault fault);

/* Removes the file, unless there is another one by now. Before the socket is closed: afterwards
 * another file may have its number. Nothing is taken then. */
void place_leave(struct place *place);

/* Connects to the socket there; -1: errno says why. */
int place_connect(const char *path) __attribute__((warn_unused_result));

#endif
