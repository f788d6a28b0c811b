#include "bridge/admin/control/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/conf.h"

#define BACKLOG   64
#define LOCK_MS   1000
#define LOCK_STEP 10

_Static_assert(SOCKET_PATH_MAX == sizeof(((struct sockaddr_un *)NULL)->sun_path) &&
		   SOCKET_PATH_MAX == CONF_SOCKET_MAX + 1,
	       "as the kernel has it");

static bool in_folder(char path[SOCKET_PATH_MAX], const char *folder, size_t len, const char *rest)
{
	return snprintf(path, SOCKET_PATH_MAX, "%.*s%s", (int)len, folder, rest) < SOCKET_PATH_MAX;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

bool socket_path_of_server(char path[SOCKET_PATH_MAX])
{
	const char *own = variable("RUNTIME_DIRECTORY"), *user = variable("XDG_RUNTIME_DIR");

	/* systemd may name several. */
	if (own)
		return in_folder(path, own, strcspn(own, ":"), "/control");
	if (geteuid() == 0)
		return in_folder(path, "", 0, "/run/dragoman/control");
	return user && in_folder(path, user, strlen(user), "/dragoman/control");
}

bool socket_path_of_client(char path[SOCKET_PATH_MAX])
{
	const char *user = variable("XDG_RUNTIME_DIR");

	if (geteuid() != 0 && user && in_folder(path, user, strlen(user), "/dragoman/control") &&
	    access(path, F_OK) == 0)
		return true;
	return in_folder(path, "", 0, "/run/dragoman/control");
}

static bool address_of(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(address->sun_path, path, strlen(path));
	return true;
}

int socket_path_connect(const char *path)
{
	struct sockaddr_un address;
	int fd, error;

	if (!address_of(path, &address))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* ---- taking it ---- */

/* Whoever takes a place in this folder does so alone. */
static int lock_folder(char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int waited = 0; fd >= 0 && waited < LOCK_MS; waited += LOCK_STEP) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		usleep(LOCK_STEP * 1000);
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static void folder_of(const char *path, char folder[SOCKET_PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	snprintf(folder, SOCKET_PATH_MAX, "%.*s", (int)len, path);
	if (!len)
		snprintf(folder, SOCKET_PATH_MAX, "%s", slash ? "/" : ".");
}

/* Removes a socket that nobody listens at. */
static enum socket_path_fault clear(const char *path)
{
	struct stat about;
	int fd;

	if (lstat(path, &about) < 0)
		return errno == ENOENT ? SOCKET_PATH_OK : SOCKET_PATH_FAILED;
	if (!S_ISSOCK(about.st_mode)) {
		errno = EEXIST;
		return SOCKET_PATH_FAILED;
	}
	fd = socket_path_connect(path);
	/* EAGAIN: so many are waiting to be served. */
	if (fd >= 0 || errno == EAGAIN) {
		if (fd >= 0)
			close(fd);
		return SOCKET_PATH_TAKEN;
	}
	return errno == ECONNREFUSED && unlink(path) == 0 ? SOCKET_PATH_OK : SOCKET_PATH_FAILED;
}

static enum socket_path_fault listen_at(const struct sockaddr_un *address, struct stat *about,
					int *fd)
{
	mode_t before = umask(0177);
	bool listens;
	int error;

	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	listens = *fd >= 0 && bind(*fd, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
		  lstat(address->sun_path, about) == 0 && listen(*fd, BACKLOG) == 0;
	error = errno;
	umask(before);
	if (listens)
		return SOCKET_PATH_OK;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = error;
	return SOCKET_PATH_FAILED;
}

enum socket_path_fault socket_path_take(struct socket_path *place, const char *path,
					bool make_folder, int *fd)
{
	char folder[SOCKET_PATH_MAX];
	struct sockaddr_un address;
	struct stat about;
	enum socket_path_fault fault;
	int lock, error;

	*fd = -1;
	*place = (struct socket_path){ .path = "" };
	if (!address_of(path, &address))
		return SOCKET_PATH_FAILED;
	folder_of(path, folder);
	if (make_folder && mkdir(folder, 0700) < 0 && errno != EEXIST)
		return SOCKET_PATH_FAILED;
	lock = lock_folder(folder);
	if (lock < 0)
		return SOCKET_PATH_FAILED;
	fault = clear(path);
	if (fault == SOCKET_PATH_OK)
		fault = listen_at(&address, &about, fd);
	error = errno;
	close(lock);
	if (fault == SOCKET_PATH_OK) {
		snprintf(place->path, SOCKET_PATH_MAX, "%s", path);
		place->device = about.st_dev;
		place->file = about.st_ino;
	}
	errno = error;
	return fault;
}

const char *socket_path_fault_text(enum socket_path_fault fault)
{
	return fault == SOCKET_PATH_TAKEN ? "another server answers there" : strerror(errno);
}

void socket_path_leave(struct socket_path *place)
{
	char folder[SOCKET_PATH_MAX];
	struct stat about;
	int lock;

	if (!place->path[0])
		return;
	folder_of(place->path, folder);
	lock = lock_folder(folder);
	if (lstat(place->path, &about) == 0 && about.st_dev == place->device &&
	    about.st_ino == place->file)
		unlink(place->path);
	if (lock >= 0)
		close(lock);
	*place = (struct socket_path){ .path = "" };
}
