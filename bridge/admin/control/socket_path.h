/* socket_path.h - where the control socket is; and the file of a Unix socket, that of an admin
 * listener, too: taking its place, leaving it. */
#ifndef BRIDGE_ADMIN_CONTROL_SOCKET_PATH_H
#define BRIDGE_ADMIN_CONTROL_SOCKET_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SOCKET_PATH_MAX 108 /* bytes of the path, with its end: the kernel's limit */

/* Where a server listens whose configuration has no control: "control" in the folder that systemd
 * made for it ($RUNTIME_DIRECTORY); else, as root, /run/dragoman/control; else
 * $XDG_RUNTIME_DIR/dragoman/control. False: there is no such folder, or its path is too long. */
bool socket_path_of_server(char path[SOCKET_PATH_MAX]);

/* Where the command line looks for one: as root /run/dragoman/control; else the same of
 * $XDG_RUNTIME_DIR if there is one, else of /run. */
bool socket_path_of_client(char path[SOCKET_PATH_MAX]);

enum socket_path_fault {
	SOCKET_PATH_OK,
	SOCKET_PATH_TAKEN, /* a server answers there: it keeps the place */
	SOCKET_PATH_FAILED /* errno says why */
};

/* One that was taken. Zeroed: none is. */
struct socket_path {
	char path[SOCKET_PATH_MAX];
	dev_t device; /* which file the socket is there: by now it may be another's */
	ino_t file;
};

/* Makes the socket and listens: mode 0600; what a dead server left there is replaced, a socket in
 * use and any other file never. make_folder: its folder is made if missing, 0700. *fd: the socket,
 * which does not block, to be closed after socket_path_leave(). Main thread, before there are
 * others: the umask is the process's. Called by control.c and admin_thread.c. */
enum socket_path_fault socket_path_take(struct socket_path *place, const char *path,
					bool make_folder, int *fd)
    __attribute__((warn_unused_result));

/* Why it was not taken, in words. After socket_path_take() only: looks at errno. */
const char *socket_path_fault_text(enum socket_path_fault fault);

/* Removes the file, unless there is another one by now. Before the socket is closed: afterwards
 * another file may have its number. Nothing is taken then. */
void socket_path_leave(struct socket_path *place);

/* Connects to the socket there; -1: errno says why. */
int socket_path_connect(const char *path) __attribute__((warn_unused_result));

#endif
