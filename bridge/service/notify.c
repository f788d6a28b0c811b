#include "bridge/service/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bridge/service/environment.h"

#define TEXT_BYTES 512
#define USEC_OF_MS 1000

/* The last state that was not taken; a newer one takes its place. */
static char untold[TEXT_BYTES];

/* "/path", or "@name" for the abstract namespace. False: there is no such manager. */
static bool manager_address(struct sockaddr_un *address, socklen_t *len)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t bytes = name ? strlen(name) : 0;

	if (bytes < 2 || bytes >= sizeof(address->sun_path) || (name[0] != '/' && name[0] != '@'))
		return false;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, bytes);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	/* An abstract name is as long as its address says; a path ends with a NUL. */
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes + (name[0] == '/'));
	return true;
}

/* False: it could not be told now. */
static bool tell(const char *text)
{
	struct sockaddr_un address;
	socklen_t len;
	ssize_t sent;
	int fd;

	if (!manager_address(&address, &len))
		return true;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	sent = sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
		      (struct sockaddr *)&address, len);
	close(fd);
	return sent >= 0;
}

static void tell_state(const char *text)
{
	if (tell(text))
		untold[0] = '\0';
	else if (text != untold)
		snprintf(untold, sizeof(untold), "%s", text);
}

void notify_ready(const char *status)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=%.*s", NOTIFY_STATUS_MAX, status);
	tell_state(text);
}

void notify_reloading(void)
{
	struct timespec now;
	char text[TEXT_BYTES];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=reloading",
		 (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	tell_state(text);
}

void notify_stopping(const char *status, uint64_t more_ms)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRIu64 "\nSTATUS=%.*s",
		 more_ms * USEC_OF_MS, NOTIFY_STATUS_MAX, status);
	tell_state(text);
}

/* One that is lost is followed by the next. */
void notify_alive(void)
{
	(void)!tell("WATCHDOG=1");
}

void notify_again(void)
{
	if (untold[0])
		tell_state(untold);
}

uint64_t notify_watchdog_ms(void)
{
	uint64_t pid = environment_number("WATCHDOG_PID");

	if (getenv("WATCHDOG_PID") && pid != (uint64_t)getpid())
		return 0;
	return environment_number("WATCHDOG_USEC") / USEC_OF_MS;
}
