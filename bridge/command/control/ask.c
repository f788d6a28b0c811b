#include "bridge/command/control/ask.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/admin/control/socket_path.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"

#define READ_BYTES     65536
#define RETRY_MS       50
#define LINE_BYTES_MAX (64 * 1024 * 1024)

/* What came of the connection, from the last line's end on. */
struct input {
	struct asking *asking;
	int fd;
	char *bytes;
	size_t len, size;
};

static bool fail(const struct asking *asking, const char *what)
{
	fprintf(asking->errors, "dragoman: %s: %s\n", asking->path, what);
	return false;
}

static bool wait_for(const struct input *input, short events, uint64_t until_ms)
{
	struct pollfd wanted = { .fd = input->fd, .events = events };

	for (;;) {
		uint64_t now = clock_steady_ms();
		int ready = poll(&wanted, 1, until_ms > now ? (int)(until_ms - now) : 0);

		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR)
			break;
	}
	return fail(input->asking, "the server does not answer");
}

static bool send_request(struct input *input, json_t *request, uint64_t until_ms)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0, sent = 0;
	bool well = text != NULL;

	if (!text)
		return fail(input->asking, "the request is no JSON");
	text[len++] = '\n';
	while (well && sent < len) {
		ssize_t out = send(input->fd, text + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (out > 0)
			sent += (size_t)out;
		else if (out < 0 && errno == EAGAIN)
			well = wait_for(input, POLLOUT, until_ms);
		/* What it has to say may have come before it closed. */
		else if (out < 0 && errno == EPIPE)
			break;
		else if (out < 0 && errno != EINTR)
			well = fail(input->asking, strerror(errno));
	}
	free(text);
	return well;
}

static bool read_more(struct input *input, uint64_t until_ms)
{
	ssize_t got;

	if (input->len == input->size) {
		if (input->size >= LINE_BYTES_MAX)
			return fail(input->asking, "the answer is too long");
		input->size = input->size ? 2 * input->size : READ_BYTES;
		input->bytes = memory_resize(input->bytes, input->size);
	}
	if (!wait_for(input, POLLIN, until_ms))
		return false;
	got = recv(input->fd, input->bytes + input->len, input->size - input->len, MSG_DONTWAIT);
	if (got > 0)
		input->len += (size_t)got;
	else if (got == 0)
		return fail(input->asking, "the server ended the connection before it answered");
	else if (errno != EINTR && errno != EAGAIN)
		return fail(input->asking, strerror(errno));
	return true;
}

/* Returns new: the next line; NULL: there is none, and errors says why. */
static json_t *read_line(struct input *input)
{
	const struct asking *asking = input->asking;
	uint64_t until_ms = clock_steady_ms() + ASK_TIMEOUT_MS;
	size_t looked = 0, len;
	json_t *line;
	char *end;

	while (!(end = input->len > looked
			   ? memchr(input->bytes + looked, '\n', input->len - looked)
			   : NULL)) {
		looked = input->len;
		if (!read_more(input, until_ms))
			return NULL;
	}
	len = (size_t)(end + 1 - input->bytes);
	line = json_loadb(input->bytes, len, 0, NULL);
	input->len -= len;
	memmove(input->bytes, end + 1, input->len);
	if (!json_is_object(line)) {
		json_decref(line);
		fail(asking, "the answer is no JSON: is that a server's control socket?");
		return NULL;
	}
	return line;
}

static void print_lines(FILE *stream, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		if (json_is_string(row))
			fprintf(stream, "%s\n", json_string_value(row));
	}
	fflush(stream);
}

static bool read_answer(struct input *input)
{
	json_t *rows = NULL, *line;

	while ((line = read_line(input)) && !json_object_get(line, "ok")) {
		if (input->asking->lines)
			print_lines(input->asking->lines, json_object_get(line, "rows"));
		else if (json_object_get(line, "rows") && !rows)
			rows = json_array();
		if (rows)
			json_array_extend(rows, json_object_get(line, "rows"));
		json_decref(line);
	}
	if (line && rows)
		json_object_set(line, "rows", rows);
	json_decref(rows);
	input->asking->result = line;
	return line != NULL;
}

static bool tell_unconnected(const struct asking *asking)
{
	if (errno == ENOENT || errno == ECONNREFUSED)
		return fail(asking, "no server is running there");
	if (errno == EACCES)
		return fail(asking, "permission denied: ask as root or as the server's user");
	return fail(asking, errno == EAGAIN ? "the server does not answer" : strerror(errno));
}

/* Where so many wait that the kernel takes no more, there may be room soon. */
static int connect_until(const char *path, uint64_t until_ms)
{
	int fd = socket_path_connect(path);

	while (fd < 0 && errno == EAGAIN && clock_steady_ms() < until_ms) {
		usleep(RETRY_MS * 1000);
		fd = socket_path_connect(path);
	}
	return fd;
}

bool ask(struct asking *asking, json_t *request)
{
	uint64_t until_ms = clock_steady_ms() + ASK_TIMEOUT_MS;
	struct input input = { .asking = asking, .fd = connect_until(asking->path, until_ms) };
	bool answered;

	asking->result = NULL;
	asking->absent = input.fd < 0 && (errno == ENOENT || errno == ECONNREFUSED);
	if (input.fd < 0)
		return tell_unconnected(asking);
	answered = send_request(&input, request, until_ms) && read_answer(&input);
	close(input.fd);
	free(input.bytes);
	return answered;
}
