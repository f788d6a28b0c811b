#include "bridge/service/passed_sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/core/log/log.h"
#include "bridge/service/environment.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define FIRST_FD    3
#define NAME_SHOWN  256
#define PLACE_BYTES 64

struct passed {
	int fd; /* -1: handed out */
	char *name;
	struct sockaddr_storage address;
};

static struct passed *passed;
static size_t passed_count;

/* ---- taking ---- */

static bool is_set(int fd, int option, int wanted)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == wanted;
}

/* Constant; NULL: it is one. */
static const char *unusable(int fd, struct sockaddr_storage *address)
{
	socklen_t len = sizeof(*address);

	if (getsockname(fd, (struct sockaddr *)address, &len) < 0)
		return "it is not a socket";
	if (address->ss_family != AF_INET && address->ss_family != AF_INET6)
		return "it is not a TCP socket";
	if (!is_set(fd, SO_TYPE, SOCK_STREAM))
		return "it is not a TCP socket";
	return is_set(fd, SO_ACCEPTCONN, 1) ? NULL : "it does not listen: its unit needs Accept=no";
}

static void take(int fd, struct slice name)
{
	struct passed *one = &passed[passed_count];
	char shown[NAME_SHOWN];
	const char *why;

	*one = (struct passed){ .fd = fd };
	why = unusable(fd, &one->address);
	if (why) {
		log_line(LOG_WARNING,
			 "socket \"%s\" of the service manager, descriptor %d, is not used: %s",
			 text_escape(name, shown, sizeof(shown)), fd, why);
		close(fd);
		return;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	one->name = memory_text(name.data, name.len);
	passed_count++;
}

/* The next of "one:two:three"; empty when there are no more. */
static struct slice name_next(const char **names)
{
	struct slice name = slice_span(*names, strcspn(*names, ":"));

	*names += name.len + ((*names)[name.len] == ':');
	return name;
}

/* Returns how many are left. */
static uint64_t close_beyond(uint64_t count)
{
	if (count <= PASSED_SOCKETS_MAX)
		return count;
	log_line(LOG_WARNING,
		 "%" PRIu64 " sockets of the service manager are not used: there are more than %d",
		 count - PASSED_SOCKETS_MAX, PASSED_SOCKETS_MAX);
	if (count < INT_MAX - FIRST_FD)
		close_range(FIRST_FD + PASSED_SOCKETS_MAX, FIRST_FD + (unsigned)count - 1, 0);
	return PASSED_SOCKETS_MAX;
}

void passed_sockets_take(void)
{
	const char *names = getenv("LISTEN_FDNAMES");
	uint64_t count = environment_number("LISTEN_FDS");

	if (environment_number("LISTEN_PID") == (uint64_t)getpid() && count > 0) {
		count = close_beyond(count);
		names = names ? names : "";
		passed = memory_zeroed(count, sizeof(*passed));
		for (uint64_t i = 0; i < count; i++)
			take(FIRST_FD + (int)i, name_next(&names));
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

/* ---- handing out ---- */

static bool same_place(const struct sockaddr_storage *one, const struct sockaddr *other)
{
	if (one->ss_family != other->sa_family)
		return false;
	if (one->ss_family == AF_INET) {
		const struct sockaddr_in *a = (const struct sockaddr_in *)one;
		const struct sockaddr_in *b = (const struct sockaddr_in *)other;

		return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
	}
	const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)one;
	const struct sockaddr_in6 *b = (const struct sockaddr_in6 *)other;

	return a->sin6_port == b->sin6_port && IN6_ARE_ADDR_EQUAL(&a->sin6_addr, &b->sin6_addr);
}

static bool is_named(const struct passed *one, const char *name)
{
	return !name || strcmp(one->name, name) == 0;
}

int passed_sockets_find(const char *name, const struct sockaddr *address)
{
	struct passed *found = NULL;
	int fd;

	for (size_t i = 0; i < passed_count; i++) {
		struct passed *one = &passed[i];
		bool here = same_place(&one->address, address);

		if (one->fd >= 0 && is_named(one, name) && (here || (name && !found)))
			found = one;
		if (found == one && here)
			break;
	}
	if (!found)
		return -1;
	fd = found->fd;
	found->fd = -1;
	return fd;
}

/* ---- the rest ---- */

static char *place_text(const struct sockaddr_storage *address, char out[PLACE_BYTES])
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	bool is_six = address->ss_family == AF_INET6;
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(address->ss_family,
		  is_six ? (const void *)&six->sin6_addr : (const void *)&four->sin_addr, text,
		  sizeof(text));
	snprintf(out, PLACE_BYTES, "%s port %u", text,
		 ntohs(is_six ? six->sin6_port : four->sin_port));
	return out;
}

void passed_sockets_end(void)
{
	char place[PLACE_BYTES], shown[NAME_SHOWN];

	for (size_t i = 0; i < passed_count; i++) {
		if (passed[i].fd >= 0) {
			log_line(LOG_WARNING,
				 "socket \"%s\" of the service manager, %s, is not used: no "
				 "listener has its address and port, or its name",
				 text_escape(slice_of(passed[i].name), shown, sizeof(shown)),
				 place_text(&passed[i].address, place));
			close(passed[i].fd);
		}
		free(passed[i].name);
	}
	free(passed);
	passed = NULL;
	passed_count = 0;
}
